#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/units.h"
#include "model/claims/experiments.h"
#include "model/claims/judge.h"
#include "model/claims/quantities.h"
#include "model/claims/run_quantities.h"
#include "model/timeline/ledger.h"

namespace zctrace::claims {
namespace {

constexpr std::string_view kWithout = "_sg_off";

/// What a row is about is measured in a run of its own kind of device.
std::string experiment_of(const MethodClaim& row) {
  return row.method + (row.scatter_gather.value_or(true) ? "" : std::string(kWithout));
}

Cell cell_of(const Part& part) { return {part.claimed, part.measured, part.agrees, part.proofs}; }

Cell figure(const MethodClaim& row, const char* quantity, std::optional<unsigned> claimed, const Results& results) {
  if (!claimed) return {};
  const double number = *claimed;
  const auto name = fmt::format("{}@{}", quantity, experiment_of(row));
  return cell_of(compare({{name, "", rules::Relation::is, number}}, results));
}

/// The calls that the textbooks name, each once a chunk, against those that the run made.
Cell calls(const MethodClaim& row, const Results& results) {
  Cell cell;
  for (const auto& call : row.calls) cell.claimed.english += (cell.claimed.english.empty() ? "" : " + ") + call;
  cell.claimed.chinese = cell.claimed.english;
  const std::string experiment = experiment_of(row);
  cell.proofs = {{experiment, "sender/mode switches"}};
  const Traced* traced = results.traced(experiment);
  if (!traced || traced->run.evidence.system_calls != timeline::Evidence::exact) return cell;
  const auto chunks = static_cast<double>(timeline::chunks(traced->run));
  if (chunks == 0) return cell;
  const auto& made = traced->ledger.sender.syscalls;
  bool agrees = true;
  std::vector<Words> counted;
  std::vector<std::string> names = row.calls;
  for (const auto& [name, times] : made)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  for (const auto& name : names) {
    const auto found = made.find(name);
    const uint64_t times = found == made.end() ? 0 : found->second;
    const double per_chunk = static_cast<double>(times) / chunks;
    const bool claimed = std::ranges::find(row.calls, name) != row.calls.end();
    agrees = agrees && !rules::contradicts(per_chunk, claimed ? 1 : 0);
    const bool often = per_chunk >= 0.5;
    counted.push_back(often ? both(Text::claims_times_per_chunk, name, fmt::format("{:.3g}", per_chunk))
                            : both(Text::claims_times_in_all, name, format_count(times)));
  }
  cell.measured = join(counted, {", ", "，"});
  cell.agrees = agrees;
  return cell;
}

/// Does the row's number of copies need scatter-gather? It does where it is measured with it and not without it.
Cell needs_hardware(const MethodClaim& row, const Results& results) {
  Cell cell;
  if (!row.needs_hardware || !row.cpu_copies) return cell;
  cell.claimed = both_either(*row.needs_hardware, Text::claims_yes, Text::claims_no);
  const double claimed = *row.cpu_copies;
  const Value with = measured(results, {"cpu_copies", row.method, {}});
  const Value without = measured(results, {"cpu_copies", row.method + std::string(kWithout), {}});
  cell.proofs = with.proofs;
  cell.proofs.insert(cell.proofs.end(), without.proofs.begin(), without.proofs.end());
  if (!with.number || !without.number) return cell;
  const bool needs = rules::contradicts(*without.number, claimed);
  if (needs && rules::contradicts(*with.number, claimed)) return cell;
  cell.measured =
      both(Text::claims_without, both_either(needs, Text::claims_yes, Text::claims_no), without.text);
  cell.agrees = needs == *row.needs_hardware;
  return cell;
}

Cell any_descriptor(const MethodClaim& row, const Results& results) {
  if (!row.any_descriptor) return {};
  const double claimed = *row.any_descriptor ? 1 : 0;
  return cell_of(
      compare({{"any_descriptor@descriptors/" + row.method, "", rules::Relation::exactly, claimed}}, results));
}

Cell cell(const std::string& column, const MethodClaim& row, const Results& results) {
  if (column == "calls") return calls(row, results);
  if (column == "mode_switches") return figure(row, "mode_switches", row.mode_switches, results);
  if (column == "cpu_copies") return figure(row, "cpu_copies", row.cpu_copies, results);
  if (column == "dma_copies") return figure(row, "dma_copies", row.dma_copies, results);
  if (column == "needs_hardware") return needs_hardware(row, results);
  if (column == "any_descriptor") return any_descriptor(row, results);
  throw Error(ExitStatus::failed, "claims.json: there is no column '" + column + "'");
}

Words heading(const std::string& column) {
  if (column == "calls") return both(Text::column_calls);
  if (column == "needs_hardware") return both(Text::column_hardware);
  return label_of(column);
}

Words name_of(const MethodClaim& row) {
  const auto in = [&](Language language) {
    const auto title = method_title(row.method, language);
    if (!row.scatter_gather) return title;
    return say(language, Text::title_with, title, words(*row.scatter_gather ? Text::sg_on : Text::sg_off, language));
  };
  return {in(Language::english), in(Language::chinese)};
}

}  // namespace

Table redraw(const TableRule& rule, const Results& results) {
  Table table{rule.textbook, rule.title, {}, {}};
  for (const auto& column : rule.columns) table.columns.push_back(heading(column));
  for (const auto& each : rule.rows) {
    TableRow row{name_of(each), each.id, {}};
    for (const auto& column : rule.columns) row.cells.push_back(cell(column, each, results));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace zctrace::claims
