#include "model/claims/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/claims/quantities.h"

extern "C" const char zctrace_claims_begin[], zctrace_claims_end[];

namespace zctrace::claims {
namespace {

using Json = nlohmann::json;

Words words_of(const Json& json) { return {json.at("en").get<std::string>(), json.at("zh").get<std::string>()}; }

template <class Value>
std::optional<Value> maybe(const Json& json, const char* key) {
  return json.contains(key) ? std::optional(json.at(key).get<Value>()) : std::nullopt;
}

[[noreturn]] void refuse(const std::string& what) { throw Error(ExitStatus::failed, "claims.json: " + what); }

const std::string& known_experiment(const std::string& name) {
  if (!find_experiment(name)) refuse("there is no experiment '" + name + "'");
  return name;
}

Check check_of(const Json& json, const std::string& suffix) {
  Check check;
  const auto named = [&](const char* key) { return known_experiment(json.at(key).get<std::string>() + suffix); };
  bool related = false;
  const auto relate = [&](Check::Relation relation, double value, double upper = 0) {
    if (related) refuse("a check has two relations");
    related = true;
    check.relation = relation;
    check.value = value;
    check.upper = upper;
  };
  for (const auto& [key, value] : json.items()) {
    if (key == "quantity") {
      check.query.quantity = value.get<std::string>();
      if (!is_quantity(check.query.quantity)) refuse("there is no quantity '" + check.query.quantity + "'");
    } else if (key == "of") {
      check.query.of = named("of");
    } else if (key == "minus") {
      check.minus = named("minus");
    } else if (key == "control") {
      check.control = value.get<bool>();
    } else if (key == "is") {
      relate(Check::Relation::is, value.get<double>());
    } else if (key == "exactly") {
      relate(Check::Relation::exactly, value.get<double>());
    } else if (key == "above") {
      relate(Check::Relation::above, value.get<double>());
    } else if (key == "below") {
      relate(Check::Relation::below, value.get<double>());
    } else if (key == "within") {
      relate(Check::Relation::within, value.at(0).get<double>(), value.at(1).get<double>());
    } else {
      check.query.with[key] = value.get<std::string>();
    }
  }
  if (check.query.quantity.empty() || check.query.of.empty() || !related) refuse("a check is not whole");
  return check;
}

std::vector<Check> checks_of(const Json& list, const std::string& suffix) {
  std::vector<Check> checks;
  for (const auto& each : list) checks.push_back(check_of(each, suffix));
  return checks;
}

MethodClaim figures_of(const Json& json, const Claim& claim) {
  MethodClaim figures;
  figures.id = claim.id;
  figures.documents = claim.documents;
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
  const std::string run = known_experiment(figures.method + suffix);
  const auto add = [&](const char* quantity, std::optional<unsigned> claimed) {
    if (claimed)
      checks.push_back({{quantity, run, {}}, "", Check::Relation::is, static_cast<double>(*claimed), 0, false});
  };
  add("cpu_copies", figures.cpu_copies);
  add("mode_switches", figures.mode_switches);
  add("dma_copies", figures.dma_copies);
  if (figures.any_descriptor)
    checks.push_back({{"any_descriptor", "descriptors", {{"call", figures.method}}},
                      "",
                      Check::Relation::exactly,
                      *figures.any_descriptor ? 1.0 : 0.0,
                      0,
                      false});
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

Sentence sentence_of(const Json& json) {
  Sentence sentence{json.value("verdict", ""), json.value("agrees", ""), json.value("differs", ""),
                    json.value("in", ""), words_of(json)};
  for (const auto& quantity : {sentence.agrees, sentence.differs})
    if (!quantity.empty() && !is_quantity(quantity)) refuse("there is no quantity '" + quantity + "'");
  return sentence;
}

Claim claim_of(const Json& json, const Json& conditions) {
  Claim claim;
  claim.id = json.at("id").get<std::string>();
  claim.documents = json.at("documents").get<std::vector<std::string>>();
  claim.statement = words_of(json);
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
    for (const auto& each : json.at("why")) claim.why.push_back(sentence_of(each));
  return claim;
}

TableRule table_of(const Json& json, const std::vector<Claim>& claims) {
  TableRule table{
      json.at("document").get<std::string>(), words_of(json), json.at("columns").get<std::vector<std::string>>(), {}};
  for (const auto& id : json.at("rows")) {
    const auto claim = std::ranges::find(claims, id.get<std::string>(), &Claim::id);
    if (claim == claims.end() || !claim->figures) refuse("there is no row of figures " + id.dump());
    table.rows.push_back(*claim->figures);
  }
  return table;
}

}  // namespace

ClaimData parse_claims(std::string_view text) {
  ClaimData data;
  std::string at = "the head";
  try {
    const Json json = Json::parse(text);
    for (const auto& each : json.at("documents"))
      data.documents.push_back({each.at("id").get<std::string>(), words_of(each)});
    std::set<std::string> ids;
    for (const auto& each : json.at("claims")) {
      at = each.value("id", "a claim without an id");
      data.claims.push_back(claim_of(each, json.at("conditions")));
      if (!ids.insert(data.claims.back().id).second) refuse("it is there twice");
    }
    at = "the tables";
    for (const auto& each : json.at("tables")) data.tables.push_back(table_of(each, data.claims));
  } catch (const Json::exception& error) {
    refuse(fmt::format("{}: {}", at, error.what()));
  } catch (const Error& error) {
    refuse(fmt::format("{}: {}", at, std::string_view(error.what()).substr(sizeof("claims.json: ") - 1)));
  }
  return data;
}

const ClaimData& claim_data() {
  static const ClaimData data =
      parse_claims({zctrace_claims_begin, static_cast<size_t>(zctrace_claims_end - zctrace_claims_begin)});
  return data;
}

}  // namespace zctrace::claims
