#include <nlohmann/json.hpp>

#include "model/rules/rules_json.h"
#include "model/why/why.h"

extern "C" const char zctrace_why_begin[], zctrace_why_end[];

namespace zctrace::why {

namespace {

using Json = nlohmann::ordered_json;

Rule rule_of(const Json& json) {
  Rule rule{json.at("id"), json.at("evidence"), {}, rules::words_of(json.at("title")), {}, {}};
  for (const auto& condition : json.at("when")) rule.when.push_back(rules::condition_of(condition));
  rule.why = rules::paragraph_of(json.at("why"));
  if (json.contains("do")) rule.remedy = rules::paragraph_of(json.at("do"));
  return rule;
}

std::vector<Rule> read() {
  const auto json = Json::parse(zctrace_why_begin, zctrace_why_end);
  std::vector<Rule> all;
  for (const auto& rule : json.at("rules")) all.push_back(rule_of(rule));
  return all;
}

}  // namespace

const std::vector<Rule>& built_in() {
  static const auto rules = read();
  return rules;
}

}  // namespace zctrace::why
