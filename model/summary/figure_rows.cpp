#include "model/summary/figure_rows.h"

#include <unordered_map>

#include "model/timeline/ledger.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

/// A run that did what any of them did and saw all of it: its list has every row, in the usual order.
Document union_of(std::span<const Document> runs) {
  Document all;
  auto& evidence = all.run.evidence;
  evidence.copies = evidence.receiver_copies = evidence.system_calls = evidence.page_faults = Evidence::exact;
  evidence.context_switches = evidence.disk = evidence.nic = Evidence::exact;
  const auto one_of_each = [](std::map<std::string, uint64_t>& into, const std::map<std::string, uint64_t>& from) {
    for (const auto& [name, count] : from) into[name] = 1;
  };
  for (const auto& document : runs) {
    one_of_each(all.ledger.sender.syscalls, document.ledger.sender.syscalls);
    one_of_each(all.ledger.receiver.syscalls, document.ledger.receiver.syscalls);
    for (const auto side : {Side::sender, Side::receiver})
      for (const auto& edge : edges(document.ledger, side)) all.ledger.copies.push_back(edge.copies.front());
    if (!document.ledger.flows) continue;
    if (!all.ledger.flows) all.ledger.flows.emplace();
    const auto& flows = document.ledger.flows->list;
    all.ledger.flows->list.insert(all.ledger.flows->list.end(), flows.begin(), flows.end());
  }
  return all;
}

}  // namespace

std::vector<FigureRow> figure_rows(std::span<const Document> runs, Language language) {
  std::vector<FigureRow> rows;
  std::unordered_map<std::string, size_t> row_of;
  const auto all = union_of(runs);
  for (auto& figure : figure_list(all.run, all.ledger, language)) {
    row_of.emplace(figure.id, rows.size());
    rows.push_back({std::move(figure), std::vector<Figure>(runs.size())});
  }
  for (size_t run = 0; run < runs.size(); ++run) {
    for (auto& figure : figure_list(runs[run].run, runs[run].ledger, language))
      if (const auto row = row_of.find(figure.id); row != row_of.end())
        rows[row->second].cells[run] = std::move(figure);
    for (auto& row : rows)
      if (row.cells[run].id.empty()) row.cells[run] = absent(runs[run].run, row.head, language);
  }
  return rows;
}

bool measured_equal(const Figure& a, const Figure& b) {
  return a.evidence == Evidence::exact && b.evidence == Evidence::exact && a.number && a.number == b.number;
}

bool is_time(const Figure& figure) {
  return figure.id == "duration_ns" || figure.id == "throughput" || figure.id == "cpu_ns" ||
         figure.id == "receiver/cpu_ns";
}

}  // namespace zctrace::summary
