#include "model/language/texts.h"

#include <algorithm>
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

static_assert(std::ranges::all_of(kTable,
                                  [](const Row& row) {
                                    return count_arguments(row.english) == count_arguments(row.chinese);
                                  }),
              "a row has another number of {} in Chinese than in English");

const Row& row(Text text) { return kTable.at(static_cast<size_t>(text)); }

}  // namespace

std::string_view name(Text text) { return row(text).name; }

std::optional<Text> text_named(std::string_view name) {
  const auto found = std::ranges::find(kTable, name, &Row::name);
  if (found == kTable.end()) return std::nullopt;
  return static_cast<Text>(found - kTable.begin());
}

std::string_view words(Text text, Language language) {
  return language == Language::chinese ? row(text).chinese : row(text).english;
}

size_t arguments_of(Text text) { return count_arguments(row(text).english); }

std::string say_count(Language language, uint64_t count, TextWith<0> one, TextWith<1> many) {
  return count == 1 ? std::string(words(one.text, language)) : say_chosen(language, many.text, format_count(count));
}

}  // namespace zctrace
