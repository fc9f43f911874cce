#include "model/summary/figure_rows.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/units.h"
#include "model/claims/method_claims.h"
#include "model/language/texts.h"
#include "model/rules/value.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

/// A run that did what any of them did and saw all of it: its list has every row, in the usual order.
Measured union_of(std::span<const Measured> runs) {
  Measured all;
  auto& evidence = all.run.evidence;
  evidence.copies = evidence.receiver_copies = evidence.system_calls = evidence.page_faults = Evidence::exact;
  evidence.context_switches = evidence.disk = evidence.nic = Evidence::exact;
  const auto one_of_each = [](std::map<std::string, uint64_t>& into, const std::map<std::string, uint64_t>& from) {
    for (const auto& [name, count] : from) into[name] = 1;
  };
  for (const auto& document : runs) {
    one_of_each(all.ledger.sender.syscalls, document.ledger.sender.syscalls);
    one_of_each(all.ledger.receiver.syscalls, document.ledger.receiver.syscalls);
    all.run.kernel_tls |= document.run.kernel_tls;
    all.run.own_passes |= document.run.own_passes;
    all.ledger.framing_bytes += document.ledger.framing_bytes;
    for (const auto side : {Side::sender, Side::receiver})
      for (const auto& edge : edges(document.ledger, side)) all.ledger.copies.push_back(edge.copies.front());
    if (const auto& cost = document.ledger.cpu_cost) {
      // Of what any has: a cipher, the processor's counters.
      auto& into = all.ledger.cpu_cost ? *all.ledger.cpu_cost : all.ledger.cpu_cost.emplace();
      into.routines.insert(into.routines.end(), cost->routines.begin(), cost->routines.end());
      if (cost->sender.events) into.sender.events.emplace();
      if (cost->receiver.events) into.receiver.events.emplace();
    }
    if (!document.ledger.flows) continue;
    if (!all.ledger.flows) all.ledger.flows.emplace();
    const auto& flows = document.ledger.flows->list;
    all.ledger.flows->list.insert(all.ledger.flows->list.end(), flows.begin(), flows.end());
  }
  return all;
}

bool is_time(const Figure& figure) {
  return figure.id == "duration_ns" || figure.id == "throughput" || figure.id == "cpu_ns" ||
         figure.id == "receiver/cpu_ns";
}

/// "×0.50", "×16.0", "×1,024"; "<×0.01", for "×<" would be read as "<<"
std::string format_factor(double factor) {
  constexpr double kLeast = 0.005;
  if (factor < kLeast) return "<×0.01";
  if (factor >= 1e6) return fmt::format("×{:.0e}", factor);
  if (factor >= 99.95) return "×" + format_count(rounded(factor));
  if (factor >= 9.995) return fmt::format("×{:.1f}", factor);
  return "×" + format_ratio(factor);
}

void compare(ComparedFigure& figure, const ComparedFigure& first, Language language) {
  constexpr std::string_view kUnchanged = "×1.00";
  figure.equal = measured_equal(figure, first);
  figure.differs = figure.number != first.number || figure.evidence != first.evidence;
  if (!figure.number || !first.number || *figure.number == *first.number) return;
  if (*figure.number > 0 && *first.number > 0) {
    figure.ratio = *figure.number / *first.number;
    figure.change = format_factor(*figure.ratio);
    if (figure.change == kUnchanged && !is_time(figure)) figure.change.clear();
  }
  const bool copies = figure.id == "cpu_copies_per_byte";
  if (figure.absent || (copies && *figure.number == 0)) figure.change = words(Text::compare_gone, language);
  if (first.absent || (copies && *first.number == 0)) figure.change = words(Text::compare_new, language);
}

}  // namespace

std::vector<FigureRow> figure_rows(std::span<const Measured> runs, Language language) {
  std::vector<FigureRow> rows;
  std::unordered_map<std::string, size_t> row_of;
  const auto all = union_of(runs);
  for (auto& figure : figure_list(all.run, all.ledger, language)) {
    row_of.emplace(figure.id, rows.size());
    rows.push_back({std::move(figure), false, false, std::vector<ComparedFigure>(runs.size())});
  }
  for (size_t run = 0; run < runs.size(); ++run) {
    for (auto& figure : figure_list(runs[run].run, runs[run].ledger, language))
      if (const auto row = row_of.find(figure.id); row != row_of.end())
        static_cast<Figure&>(rows[row->second].cells[run]) = std::move(figure);
    for (auto& row : rows)
      if (auto& cell = row.cells[run]; cell.id.empty()) {
        static_cast<Figure&>(cell) = absent(runs[run].run, row.head, language);
        cell.absent = cell.evidence == Evidence::exact;
      }
  }
  for (auto& row : rows) {
    row.time = is_time(row.head);
    for (size_t run = 1; run < runs.size(); ++run) {
      compare(row.cells[run], row.cells[0], language);
      row.differs = row.differs || row.cells[run].differs;
    }
  }
  return rows;
}

bool measured_equal(const Figure& a, const Figure& b) {
  return a.evidence == Evidence::exact && b.evidence == Evidence::exact && a.number && a.number == b.number;
}

ClaimedFigure claimed_figure(const Run& run, const Figure& figure) {
  const auto* claim = claim_of(run);
  if (claim == nullptr) return {};
  ClaimedFigure claimed;
  if (figure.id == "cpu_copies_per_byte") {
    claimed.number = claim->cpu_copies;
    claimed.in_part = claim->in_part;
  } else if (figure.id == "mode_switches/per_chunk") {
    claimed.number = claim->mode_switches;
  }
  claimed.contradicted =
      claimed.number && figure.number && !claimed.in_part && rules::contradicts(*figure.number, *claimed.number);
  return claimed;
}

}  // namespace zctrace::summary
