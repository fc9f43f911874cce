#include "model/rules/paragraph.h"

#include <algorithm>
#include <stdexcept>

namespace zctrace::rules {
namespace {

/// Nothing where that is not known.
std::optional<std::string> filled(const Reference& reference, const LookUp& look_up, Language language) {
  const Value value = look_up(reference.name);
  if (value.text.empty()) return {};
  switch (reference.part) {
    case Reference::Part::value:
      break;
    case Reference::Part::how:
      return value.how.empty() ? std::nullopt : std::optional(value.how.in(language));
    case Reference::Part::claim:
      return value.claimed ? std::optional(std::to_string(*value.claimed)) : std::nullopt;
  }
  return value.text.in(language);
}

/// Calls `plain` and `reference` for the parts of a text, in turn.
template <class Plain, class Referred>
void each_part(std::string_view text, const Plain& plain, const Referred& referred) {
  for (size_t open; (open = text.find('{')) != text.npos;) {
    const auto close = text.find('}', open);
    if (close == text.npos) throw std::invalid_argument("'{' without '}'");
    plain(text.substr(0, open));
    referred(reference_of(text.substr(open + 1, close - open - 1)));
    text.remove_prefix(close + 1);
  }
  plain(text);
}

std::optional<std::string> fill(std::string_view text, const LookUp& look_up, Language language) {
  std::optional<std::string> whole(std::in_place);
  each_part(
      text,
      [&](std::string_view plain) {
        if (whole) *whole += plain;
      },
      [&](const Reference& reference) {
        const auto value = whole ? filled(reference, look_up, language) : std::nullopt;
        if (value)
          *whole += *value;
        else
          whole.reset();
      });
  return whole;
}

}  // namespace

std::optional<Words> rendered(const Paragraph& paragraph, const LookUp& look_up) {
  for (const auto& variant : paragraph) {
    const bool fits = std::ranges::all_of(
        variant.when, [&](const Condition& condition) { return holds(condition, look_up).value_or(false); });
    if (!fits) continue;
    auto english = fill(variant.text.english, look_up, Language::english);
    auto chinese = fill(variant.text.chinese, look_up, Language::chinese);
    if (english && chinese) return Words{std::move(*english), std::move(*chinese)};
  }
  return {};
}

std::vector<Reference> references(std::string_view text) {
  std::vector<Reference> found;
  each_part(
      text, [](std::string_view) {}, [&](Reference reference) { found.push_back(std::move(reference)); });
  return found;
}

std::set<std::string> names(const Condition& condition) {
  std::set<std::string> found{condition.left};
  if (!condition.minus.empty()) found.insert(condition.minus);
  if (const auto* reference = std::get_if<Reference>(&condition.right)) found.insert(reference->name);
  return found;
}

std::set<std::string> names(const Paragraph& paragraph) {
  std::set<std::string> found;
  for (const auto& variant : paragraph) {
    for (const auto& condition : variant.when) found.merge(names(condition));
    for (const auto* text : {&variant.text.english, &variant.text.chinese})
      for (auto& reference : references(*text)) found.insert(std::move(reference.name));
  }
  return found;
}

}  // namespace zctrace::rules
