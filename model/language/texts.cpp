#include "model/language/texts.h"

#include <array>

#include "base/units.h"

namespace zctrace {
namespace {

struct Row {
  std::string_view name, english, chinese;
};

constexpr std::array kTable{
#define ZC_TEXT(name, english, chinese) Row{#name, english, chinese},
#include "model/language/texts.def"
#undef ZC_TEXT
};

const Row& row(Text text) { return kTable.at(static_cast<size_t>(text)); }

}  // namespace

std::string_view name(Text text) { return row(text).name; }

std::string_view words(Text text, Language language) {
  return language == Language::chinese ? row(text).chinese : row(text).english;
}

std::string say_count(Language language, uint64_t count, Text one, Text many) {
  return count == 1 ? std::string(words(one, language)) : say(language, many, format_count(count));
}

}  // namespace zctrace
