#include "model/rules/rules_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace zctrace::rules {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<std::string_view, Relation> kRelations[] = {
    {"is", Relation::is},       {"is_not", Relation::is_not},   {"less", Relation::less},
    {"more", Relation::more},   {"exactly", Relation::exactly}, {"below", Relation::below},
    {"above", Relation::above}, {"within", Relation::within},   {"agrees", Relation::agrees}};

std::string joined(const Json& json, std::string_view between) {
  if (json.is_string()) return json;
  std::string text;
  for (const auto& line : json) text += (text.empty() ? "" : std::string(between)) + line.get<std::string>();
  return text;
}

decltype(Condition::right) right_of(Relation relation, const Json& json) {
  if (relation == Relation::within) return Range{json.at(0).get<double>(), json.at(1).get<double>()};
  if (relation == Relation::agrees) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  if (json.is_array() && (relation == Relation::is || relation == Relation::is_not))
    return json.get<std::vector<std::string>>();
  auto text = json.get<std::string>();
  if (text.size() > 2 && text.front() == '{' && text.back() == '}')
    return reference_of(std::string_view(text).substr(1, text.size() - 2));
  if (relation != Relation::is && relation != Relation::is_not)
    throw std::invalid_argument("there is no more and no less of '" + text + "'");
  return text;
}

}  // namespace

Words words_of(const Json& json) { return {joined(json.at("en"), " "), joined(json.at("zh"), "")}; }

Condition condition_of(const Json& json, std::string_view left, std::initializer_list<std::string_view> others) {
  Condition condition;
  condition.left = left;
  bool related = false;
  for (const auto& [key, value] : json.items()) {
    if (std::ranges::find(others, key) != others.end()) continue;
    if (key == "value" && left.empty()) {
      condition.left = value.get<std::string>();
    } else if (key == "minus") {
      condition.minus = value.get<std::string>();
    } else {
      const auto* relation = std::ranges::find(kRelations, key, &std::pair<std::string_view, Relation>::first);
      if (relation == std::end(kRelations)) throw std::invalid_argument("there is no relation '" + key + "'");
      if (std::exchange(related, true)) throw std::invalid_argument("a condition has two relations");
      condition.relation = relation->second;
      condition.right = right_of(relation->second, value);
    }
  }
  if (condition.left.empty() || !related) throw std::invalid_argument("a condition is not whole");
  return condition;
}

Paragraph paragraph_of(const Json& json) {
  Paragraph paragraph;
  for (const auto& each : json.is_array() ? json : Json::array({json})) {
    auto& variant = paragraph.emplace_back(Variant{{}, words_of(each)});
    if (each.contains("when"))
      for (const auto& condition : each.at("when")) variant.when.push_back(condition_of(condition));
    for (const auto& [key, value] : each.items())
      if (key != "when" && key != "en" && key != "zh") throw std::invalid_argument("a text has no '" + key + "'");
  }
  return paragraph;
}

}  // namespace zctrace::rules
