#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "model/language/language.h"

/// The one table of texts, for the terminal, the diagrams and the page. A row: its name, the English, the Chinese; {}
/// marks what is filled in, in the same order in both. Mode switch is 模式切换, context switch 上下文切换.
namespace zctrace {

enum class Text : uint16_t {
#define ZC_TEXT(name, english, chinese) name,
#include "model/language/texts.def"
#undef ZC_TEXT
  count  ///< of texts
};

/// The row's name: "page_cache".
std::string_view name(Text text);

/// The words as the table has them, {} not filled in.
std::string_view words(Text text, Language language);

/// The words with `arguments` filled in.
template <class... Arguments>
std::string say(Language language, Text text, const Arguments&... arguments) {
  return fmt::format(fmt::runtime(words(text, language)), arguments...);
}

/// "1 request", "1,024 requests": `one` has no {}, `many` has one for the count.
std::string say_count(Language language, uint64_t count, Text one, Text many);

}  // namespace zctrace
