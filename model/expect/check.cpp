#include "model/expect/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/expect/words.h"
#include "model/language/texts.h"
#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
#include "model/summary/flow_rows.h"
#include "model/timeline/names.h"
#include "model/why/why.h"

namespace zctrace::expect {

using namespace timeline;
using quantities::Amount;
using quantities::Unit;

namespace {

bool compare(Relation relation, double found, double wanted, bool as_shown) {
  const auto shown = [&](double number) { return as_shown ? std::round(number * 100) : number; };
  switch (relation) {
    case Relation::equal:
      return shown(found) == shown(wanted);
    case Relation::unequal:
      return shown(found) != shown(wanted);
    case Relation::at_most:
      return found <= wanted;
    case Relation::less:
      return found < wanted;
    case Relation::at_least:
      return found >= wanted;
    case Relation::more:
      return found > wanted;
  }
  return false;
}

bool holds(Relation relation, const Amount& found, double wanted, Unit unit) {
  if (!found.number) return false;
  const bool as_shown = unit == Unit::ratio || unit == Unit::part;
  if (found.evidence != Evidence::at_least) return compare(relation, *found.number, wanted, as_shown);
  const bool grows = relation == Relation::at_least || relation == Relation::more;
  if (relation == Relation::unequal) return compare(Relation::more, *found.number, wanted, as_shown);
  return grows && compare(relation, *found.number, wanted, as_shown);
}

bool holds(const Expectation& expectation, const std::string& found) {
  const bool same = found == std::get<std::string>(expectation.value);
  return same == (expectation.relation == Relation::equal);
}

double wanted_number(const Expectation& expectation) { return std::get<double>(expectation.value); }

Outcome of_amount(const Expectation& expectation, const Amount& amount, Unit unit, Language language) {
  return {holds(expectation.relation, amount, wanted_number(expectation), unit), shown(amount, unit, language), ""};
}

Outcome of_run(const Expectation& expectation, const Word& word, const Document& document, Language language) {
  const auto& [run, ledger] = std::tie(document.run, document.ledger);
  if (word.kind == Kind::method) return {holds(expectation, run.method), run.method, ""};
  if (word.kind == Kind::evidence) {
    const std::string found(text(timeline::copies_evidence(run, ledger, run.judged)));
    return {holds(expectation, found), found, ""};
  }
  for (const Side side : {Side::sender, Side::receiver})
    for (const auto& row : quantities::kQuantities) {
      const quantities::Subject subject{run, ledger, side};
      if (!quantities::is_of(row, side) || quantities::full_id(row, side) != word.id) continue;
      const Amount amount = quantities::applies(row, subject) ? row.of(subject) : Amount{};
      return of_amount(expectation, amount, row.unit, language);
    }
  return {};
}

Outcome of_flow(const Expectation& expectation, const Word& word, const Run& run, const Flow& flow, Language language) {
  // Of what several methods carried, every one is meant.
  const auto each = [&](const auto& value_of) {
    Outcome outcome{true, "", ""};
    for (const FlowPart& part : flow.parts) {
      const std::string found(text(value_of(part)));
      if (outcome.found.find(found) == std::string::npos) outcome.found += (outcome.found.empty() ? "" : ", ") + found;
      outcome.holds = outcome.holds && holds(expectation, found);
    }
    return outcome;
  };
  switch (word.kind) {
    case Kind::method:
      return each([](const FlowPart& part) { return part.method; });
    case Kind::link:
      return each([](const FlowPart& part) { return part.link; });
    case Kind::evidence:
      return each([&](const FlowPart& part) { return quantities::copies_evidence(run.evidence, part); });
    case Kind::number:
    case Kind::count:
      break;
  }
  const auto row = std::ranges::find(quantities::kFlowQuantities, word.id, &quantities::FlowQuantity::id);
  return of_amount(expectation, row->of(run.evidence, total(flow)), row->unit, language);
}

std::string name_of(const Flow& flow, Language language) {
  return summary::end_text(flow.from, language) + " → " + summary::end_text(flow.to, language);
}

Outcome of_flows(const Expectation& expectation, const Word& word, const Document& document, Language language) {
  const auto& flows = document.ledger.flows;
  if (!flows) return {false, "this is no trace of a program: it has no flows", ""};
  std::vector<const Flow*> meant;
  for (const Flow& flow : flows->list)
    if (matches(*expectation.flow, flow)) meant.push_back(&flow);
  if (word.kind == Kind::count)
    return of_amount(expectation, quantities::counted(meant.size(), document.run.evidence.system_calls), Unit::count,
                     language);
  if (meant.empty()) return {false, "no flow is like that", ""};
  Outcome first;
  uint64_t broken = 0;
  for (const Flow* flow : meant) {
    Outcome outcome = of_flow(expectation, word, document.run, *flow, language);
    if (outcome.holds && (broken > 0 || !first.found.empty())) continue;
    if (!outcome.holds && broken++ > 0) continue;
    if (!outcome.holds) {
      outcome.found = name_of(*flow, language) + ": " + outcome.found;
      if (const auto why = why::why_of(document.run, document.ledger, *flow)) outcome.why = why->sentence.in(language);
    }
    first = std::move(outcome);
  }
  if (broken > 1) first.found += fmt::format(" (and {} more of {} flows)", broken - 1, meant.size());
  if (broken == 0 && meant.size() > 1) first.found = fmt::format("in all {} flows", meant.size());
  return first;
}

}  // namespace

Outcome check(const Expectation& expectation, const Document& document, Language language) {
  const Word& word = *find_word(expectation.quantity, expectation.flow.has_value());
  return expectation.flow ? of_flows(expectation, word, document, language)
                          : of_run(expectation, word, document, language);
}

}  // namespace zctrace::expect
