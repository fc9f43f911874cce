#include "model/claims/judge.h"

#include <algorithm>
#include <set>

#include "model/claims/experiments.h"
#include "model/claims/run_quantities.h"
#include "model/claims/why.h"

namespace zctrace::claims {
namespace {

using timeline::Evidence;

std::optional<bool> all_agree(const std::vector<Part>& parts) {
  bool all = true;
  for (const auto& part : parts) {
    if (!part.agrees) return {};
    all = all && *part.agrees;
  }
  return all;
}

Setting setting_of(const std::vector<Check>& checks, Words condition, const Results& results) {
  Setting setting;
  setting.condition = std::move(condition);
  for (const auto& check : checks) setting.parts.push_back(compare(check, results));
  setting.agrees = all_agree(setting.parts);
  return setting;
}

/// Of what was tried in several ways: the ways in which it agrees.
template <class Agrees>
Words condition_of(const std::vector<Setting>& settings, const Agrees& agrees) {
  std::vector<Words> conditions;
  for (const auto& setting : settings)
    if (agrees(setting)) conditions.push_back(setting.condition);
  return join(conditions, both(Text::claims_or));
}

struct Tally {
  size_t agree = 0, differ = 0, unknown = 0;
  void add(std::optional<bool> agrees) { ++(!agrees ? unknown : *agrees ? agree : differ); }
};

/// `some`: what it is called when it agrees in some of several ways.
Verdict verdict_of(const Tally& tally, Verdict some) {
  if (tally.unknown != 0 || tally.agree + tally.differ == 0) return Verdict::not_tested;
  if (tally.differ == 0) return Verdict::holds;
  return tally.agree == 0 ? Verdict::does_not_hold : some;
}

/// "CPU copies per byte 0.00 / 1.00, mode switches per chunk 4.00": each quantity once, its values in all settings.
template <class Value>
Words summary(const std::vector<Setting>& settings, const Value& value) {
  std::vector<std::string> order;
  std::vector<Words> labels;
  std::vector<std::vector<Words>> values;
  for (const auto& setting : settings)
    for (size_t i = 0; i < setting.parts.size(); ++i) {
      const auto& part = setting.parts[i];
      const bool repeated = &setting != &settings.front() && i < settings.front().parts.size() &&
                            settings.front().parts[i].quantity == part.quantity;
      if (repeated) {
        values.at(i).push_back(value(part));
      } else {
        labels.push_back(part.label);
        values.push_back({value(part)});
      }
    }
  std::vector<Words> all;
  for (size_t i = 0; i < labels.size(); ++i) {
    const Words joined = join(values[i], {" / ", " / "});
    if (joined.empty()) continue;
    all.push_back(both(Text::claims_label_value, labels[i], joined));
  }
  return join(all, both(Text::claims_semicolon));
}

/// Where all parts are of one run's kind, its name in each label tells nothing.
void shorten_labels(Judged& judged, const MethodClaim& figures) {
  for (auto& setting : judged.settings)
    for (auto& part : setting.parts)
      if (part.quantity != "calls_of" &&
          (part.proofs.front().experiment.starts_with(figures.method) || part.quantity == "any_descriptor"))
        part.label = label_of(part.quantity);
}

Words missing_of(const Judged& judged) {
  std::vector<Words> reasons;
  for (const auto& setting : judged.settings)
    for (const auto& part : setting.parts) reasons.push_back(part.missing);
  return join(reasons, {" ", ""});
}

/// Where the recordings come from that were not made here; empty where there are none.
Words recorded_of(const Claim& claim, const Results& results) {
  std::vector<Words> all;
  for (const auto& name : experiments_of(claim)) {
    const Traced* traced = results.traced(name);
    if (!traced || !traced->run.recorded) continue;
    const auto& recorded = *traced->run.recorded;
    all.push_back(both(Text::claims_recorded, recorded.date, recorded.program, traced->run.kernel.release));
  }
  return join(all, {" ", ""});
}

}  // namespace

Judged judge(const Claim& claim, const Results& results) {
  Judged judged;
  judged.id = claim.id;
  judged.textbooks = claim.textbooks;
  judged.sources = claim.sources;
  judged.statement = claim.statement;
  if (!claim.needs.empty()) {
    judged.claimed = claim.statement;
    judged.why = both(Text::claims_needs, claim.needs);
    return judged;
  }
  for (const auto& rule : claim.settings) judged.settings.push_back(setting_of(rule.checks, rule.condition, results));
  for (const auto& reading : claim.readings) judged.settings.push_back(setting_of(reading, {}, results));
  if (claim.figures) shorten_labels(judged, *claim.figures);

  Tally tally;
  judged.evidence = Evidence::exact;
  for (const auto& setting : judged.settings) {
    tally.add(setting.agrees);
    for (const auto& part : setting.parts) judged.evidence = std::max(judged.evidence, part.evidence);
  }
  judged.verdict = verdict_of(tally, claim.readings.empty() ? Verdict::holds_if : Verdict::self_contradictory);
  judged.claimed = summary(judged.settings, [](const Part& part) { return part.claimed; });
  judged.measured = summary(judged.settings, [](const Part& part) { return part.measured; });
  if (judged.verdict == Verdict::holds_if)
    judged.condition = condition_of(judged.settings, [](const Setting& setting) { return *setting.agrees; });
  judged.why = judged.verdict == Verdict::not_tested
                   ? missing_of(judged)
                   : join({why(claim, judged, results), recorded_of(claim, results)}, {" ", ""});
  return judged;
}

std::vector<QuantityVerdict> by_quantity(const Judged& judged) {
  std::vector<QuantityVerdict> all;
  for (const auto& setting : judged.settings)
    for (const auto& part : setting.parts) {
      if (std::ranges::find(all, part.label.english, [](const auto& each) { return each.label.english; }) != all.end())
        continue;
      Tally tally;
      std::vector<Words> values, conditions;
      for (const auto& other : judged.settings)
        for (const auto& same : other.parts) {
          if (same.label.english != part.label.english || same.claimed.english != part.claimed.english) continue;
          tally.add(same.agrees);
          values.push_back(same.measured);
          if (same.agrees.value_or(false)) conditions.push_back(other.condition);
        }
      QuantityVerdict verdict{part.quantity, part.label, part.claimed, join(values, {" / ", " / "}), {}, {}};
      verdict.verdict = verdict_of(tally, Verdict::holds_if);
      if (verdict.verdict == Verdict::holds_if) verdict.condition = join(conditions, both(Text::claims_or));
      all.push_back(std::move(verdict));
    }
  return all;
}

std::vector<std::string> experiments_of(const Claim& claim) {
  std::set<std::string> needed;
  const auto add = [&](const std::string& name) {
    if (name.find('@') == name.npos) return;  // of the judgment itself
    const Query query = query_of(name);
    needed.insert(query.of);
    if (query.quantity == "argument_bytes") needed.insert("descriptors");
  };
  const auto add_checks = [&](const std::vector<Check>& checks) {
    for (const auto& check : checks)
      for (const auto& name : rules::names(check.rule)) add(name);
  };
  for (const auto& setting : claim.settings) add_checks(setting.checks);
  for (const auto& reading : claim.readings) add_checks(reading);
  for (const auto& paragraph : claim.why)
    for (const auto& name : rules::names(paragraph)) add(name);
  std::vector<std::string> ordered;
  for (const auto& experiment : experiments())
    if (needed.contains(std::string(experiment.name))) ordered.emplace_back(experiment.name);
  return ordered;
}

Judgment judge(const ClaimData& data, const Results& results) {
  Judgment judgment;
  judgment.kernel = results.kernel();
  judgment.where = results.where();
  judgment.textbooks = data.textbooks;
  for (const auto& claim : data.claims) judgment.claims.push_back(judge(claim, results));
  for (const auto& table : data.tables) judgment.tables.push_back(redraw(table, results));
  return judgment;
}

}  // namespace zctrace::claims
