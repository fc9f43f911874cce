#include "model/claims/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/claims/quantities.h"
#include "model/rules/rules_json.h"

extern "C" const char zctrace_claims_begin[], zctrace_claims_end[];

namespace zctrace::claims {
namespace {

using Json = nlohmann::ordered_json;
using rules::words_of;

template <class Value>
std::optional<Value> maybe(const Json& json, const char* key) {
  return json.contains(key) ? std::optional(json.at(key).get<Value>()) : std::nullopt;
}

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

/// "cpu_copies@splice_sg_off" for "cpu_copies@splice" and "_sg_off".
std::string with_suffix(std::string name, const std::string& suffix) {
  const size_t end = name.find('/', name.find('@'));
  return name.insert(std::min(end, name.size()), suffix);
}

Check checked(Check check) {
  for (const auto& name : rules::names(check.rule)) query_of(name);
  using rules::Relation;
  constexpr Relation kRelations[] = {Relation::is, Relation::exactly, Relation::above, Relation::below,
                                     Relation::within};
  if (std::ranges::find(kRelations, check.rule.relation) == std::end(kRelations) ||
      std::holds_alternative<rules::Reference>(check.rule.right) ||
      std::holds_alternative<std::string>(check.rule.right))
    refuse("a check compares with a claimed number");
  return check;
}

Check check_of(const Json& json, const std::string& suffix) {
  Check check{rules::condition_of(json, {}, {"control"}), json.value("control", false)};
  check.rule.left = with_suffix(check.rule.left, suffix);
  if (!check.rule.minus.empty()) check.rule.minus = with_suffix(check.rule.minus, suffix);
  return checked(std::move(check));
}

std::vector<Check> checks_of(const Json& list, const std::string& suffix) {
  std::vector<Check> checks;
  for (const auto& each : list) checks.push_back(check_of(each, suffix));
  return checks;
}

MethodClaim figures_of(const Json& json, const Claim& claim) {
  MethodClaim figures;
  figures.id = claim.id;
  figures.textbooks = claim.textbooks;
  figures.method = json.at("method").get<std::string>();
  figures.scatter_gather = maybe<bool>(json, "scatter_gather");
  figures.calls = json.at("calls").get<std::vector<std::string>>();
  figures.mode_switches = maybe<unsigned>(json, "mode_switches");
  figures.cpu_copies = maybe<unsigned>(json, "cpu_copies");
  figures.dma_copies = maybe<unsigned>(json, "dma_copies");
  figures.needs_hardware = maybe<bool>(json, "needs_hardware");
  figures.any_descriptor = maybe<bool>(json, "any_descriptor");
  figures.in_part = json.value("in_part", false);
  if (json.contains("remark")) figures.remark = words_of(json.at("remark"));
  return figures;
}

/// A row of figures is tested figure by figure.
std::vector<Check> checks_of(const MethodClaim& figures, const std::string& suffix) {
  std::vector<Check> checks;
  const auto add = [&](const std::string& name, rules::Relation relation, double claimed) {
    checks.push_back(checked({{name, "", relation, claimed}}));
  };
  const auto add_figure = [&](const std::string& quantity, std::optional<unsigned> claimed) {
    if (claimed) add(quantity + "@" + figures.method + suffix, rules::Relation::is, *claimed);
  };
  add_figure("cpu_copies", figures.cpu_copies);
  add_figure("mode_switches", figures.mode_switches);
  add_figure("dma_copies", figures.dma_copies);
  if (figures.any_descriptor)
    add("any_descriptor@descriptors/" + figures.method, rules::Relation::exactly, *figures.any_descriptor ? 1 : 0);
  return checks;
}

std::vector<SettingRule> settings_of(const Json& json, const Claim& claim, const Json& conditions) {
  std::vector<SettingRule> settings;
  const Json one = Json::array({Json::object()});
  for (const auto& each : json.contains("settings") ? json.at("settings") : one) {
    SettingRule setting;
    setting.name = each.value("condition", "");
    if (!setting.name.empty()) setting.condition = words_of(conditions.at(setting.name));
    const std::string suffix = each.value("suffix", "");
    const Json& source = each.contains("checks") ? each : json;
    if (source.contains("checks"))
      setting.checks = checks_of(source.at("checks"), suffix);
    else if (claim.figures)
      setting.checks = checks_of(*claim.figures, suffix);
    if (setting.checks.empty()) refuse("nothing tests it");
    settings.push_back(std::move(setting));
  }
  return settings;
}

Source source_of(const Json& json) {
  Source source{json.at("name").get<std::string>(), static_cast<unsigned>(json.at("year").get_ref<const uint64_t&>()),
                json.at("link").get<std::string>()};
  if (!source.link.starts_with("https://")) refuse("'" + source.link + "' is no link");
  return source;
}

/// What is collected says where from; a textbook is a source itself.
void check_sources(const Claim& claim, const std::vector<TextbookTitle>& textbooks) {
  for (const auto& id : claim.textbooks) {
    const auto textbook = std::ranges::find(textbooks, id, &TextbookTitle::id);
    if (textbook == textbooks.end()) refuse("there is no textbook '" + id + "'");
    if (textbook->collected == claim.sources.empty())
      refuse(textbook->collected ? "it has no source" : "its source is the textbook");
  }
}

rules::Paragraph sentence_of(const Json& json, const Claim& claim) {
  auto sentence = rules::paragraph_of(json);
  for (const auto& name : rules::names(sentence)) {
    if (name.find('@') != name.npos) {
      query_of(name);
    } else if (name != "verdict") {
      const auto slash = name.find('/');
      if (!is_quantity(name.substr(0, slash))) refuse("there is no quantity '" + name + "'");
      if (slash != name.npos &&
          std::ranges::find(claim.settings, name.substr(slash + 1), &SettingRule::name) == claim.settings.end())
        refuse("there is no setting '" + name + "'");
    }
  }
  return sentence;
}

Claim claim_of(const Json& json, const Json& conditions) {
  Claim claim;
  claim.id = json.at("id").get<std::string>();
  claim.textbooks = json.at("textbooks").get<std::vector<std::string>>();
  claim.statement = words_of(json);
  for (const auto& source : json.value("sources", Json::array())) claim.sources.push_back(source_of(source));
  if (json.contains("figures")) claim.figures = figures_of(json.at("figures"), claim);
  if (json.contains("needs")) {
    claim.needs = words_of(json.at("needs"));
    return claim;
  }
  if (json.contains("readings"))
    for (const auto& reading : json.at("readings")) claim.readings.push_back(checks_of(reading.at("checks"), ""));
  else
    claim.settings = settings_of(json, claim, conditions);
  if (json.contains("why"))
    for (const auto& each : json.at("why")) claim.why.push_back(sentence_of(each, claim));
  return claim;
}

TableRule table_of(const Json& json, const std::vector<Claim>& claims) {
  TableRule table{
      json.at("textbook").get<std::string>(), words_of(json), json.at("columns").get<std::vector<std::string>>(), {}};
  for (const auto& id : json.at("rows")) {
    const auto claim = std::ranges::find(claims, id.get<std::string>(), &Claim::id);
    if (claim == claims.end() || !claim->figures) refuse("there is no row of figures " + id.dump());
    table.rows.push_back(*claim->figures);
  }
  return table;
}

}  // namespace

Query query_of(const std::string& name) {
  const size_t at = name.find('@');
  if (at == name.npos) refuse("'" + name + "' names no experiment");
  Query query{name.substr(0, at), name.substr(at + 1), {}};
  std::vector<std::string> parameters;
  for (size_t slash; (slash = query.of.rfind('/')) != query.of.npos; query.of.erase(slash))
    parameters.insert(parameters.begin(), query.of.substr(slash + 1));
  std::array<const char*, 3> keys{"call", "from", "to"};
  if (query.of == "visible") keys = {"method"};
  if (query.of == "ab_benchmark" || query.of == "sweep") keys = {"series", "over", "at"};
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i == keys.size() || !keys[i]) refuse("nothing of '" + name + "' is narrowed by " + parameters[i]);
    query.with[keys[i]] = parameters[i];
  }
  if (!is_quantity(query.quantity)) refuse("there is no quantity '" + query.quantity + "'");
  if (!find_experiment(query.of)) refuse("there is no experiment '" + query.of + "'");
  return query;
}

ClaimData parse_claims(std::string_view text) {
  ClaimData data;
  std::string at = "the head";
  try {
    const Json json = Json::parse(text);
    for (const auto& each : json.at("textbooks"))
      data.textbooks.push_back({each.at("id").get<std::string>(), words_of(each), each.value("collected", false)});
    std::set<std::string> ids;
    for (const auto& each : json.at("claims")) {
      at = each.value("id", "a claim without an id");
      data.claims.push_back(claim_of(each, json.at("conditions")));
      check_sources(data.claims.back(), data.textbooks);
      if (!ids.insert(data.claims.back().id).second) refuse("it is there twice");
    }
    at = "the tables";
    for (const auto& each : json.at("tables")) data.tables.push_back(table_of(each, data.claims));
  } catch (const std::exception& error) {
    throw Error(ExitStatus::failed, fmt::format("claims.json: {}: {}", at, error.what()));
  }
  return data;
}

const ClaimData& claim_data() {
  static const ClaimData data =
      parse_claims({zctrace_claims_begin, static_cast<size_t>(zctrace_claims_end - zctrace_claims_begin)});
  return data;
}

}  // namespace zctrace::claims
