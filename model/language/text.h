#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// The row of that name; nothing if there is none.
std::optional<Text> text_named(std::string_view name);

/// The words as the table has them, {} not filled in.
std::string_view words(Text text, Language language);

/// How many {} the row has.
size_t arguments_of(Text text);

/// The {} in a row's words.
constexpr size_t count_arguments(std::string_view words) {
  size_t count = 0;
  for (size_t at = 0; (at = words.find("{}", at)) != words.npos; at += 2) ++count;
  return count;
}

/// What the compiler counts {} in; of any other use it is words().
inline constexpr const char* kEnglishWords[] = {
#define ZC_TEXT(name, english, chinese) english,
#include "model/language/texts.def"
#undef ZC_TEXT
};

/// A row that takes `count` arguments: any other does not compile.
template <size_t count>
struct TextWith {
  Text text;

  consteval TextWith(Text row) : text(row) {  // implicit: a Text is given where this is asked for
    if (count_arguments(kEnglishWords[static_cast<size_t>(row)]) != count)
      throw "the text has another number of {} than there are arguments";
  }
};

}  // namespace zctrace
