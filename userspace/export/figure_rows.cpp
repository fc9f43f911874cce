#include "userspace/export/figure_rows.h"

#include <list>
#include <unordered_map>

namespace zctrace::exports {

using namespace timeline;

std::vector<FigureRow> figure_rows(std::span<const Document> runs, Language language) {
  std::list<FigureRow> rows;
  std::unordered_map<std::string, std::list<FigureRow>::iterator> by_id;
  for (size_t run = 0; run < runs.size(); ++run) {
    auto after = rows.begin();  // a figure that no earlier run has stands behind the one it follows in this run
    for (auto& figure : figure_list(runs[run].run, runs[run].ledger, language)) {
      auto found = by_id.find(figure.id);
      if (found == by_id.end())
        found = by_id.emplace(figure.id, rows.insert(after, {figure, std::vector<Figure>(runs.size())})).first;
      auto& row = *found->second;
      after = std::next(found->second);
      // The label of a doubtful edge says less.
      if (figure.evidence < row.head.evidence) row.head = figure;
      row.cells[run] = std::move(figure);
    }
  }
  std::vector<FigureRow> all;
  for (auto& row : rows) {
    for (size_t run = 0; run < runs.size(); ++run)
      if (row.cells[run].id.empty()) row.cells[run] = absent(runs[run].run, row.head, language);
    all.push_back(std::move(row));
  }
  return all;
}

bool measured_equal(const Figure& a, const Figure& b) {
  return a.evidence == Evidence::exact && b.evidence == Evidence::exact && a.number && a.number == b.number;
}

bool is_time(const Figure& figure) {
  return figure.id == "duration_ns" || figure.id == "throughput" || figure.id == "cpu_ns" ||
         figure.id == "receiver/cpu_ns";
}

}  // namespace zctrace::exports
