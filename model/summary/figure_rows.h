#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/summary/figure_list.h"

namespace zctrace::summary {

/// One figure in every run.
struct FigureRow {
  Figure head;                ///< the row's id, section and label
  std::vector<Figure> cells;  ///< one per run
};

/// The lists of all runs, matched by id; what only some have stands in the others' cells as absent or unknown.
std::vector<FigureRow> figure_rows(std::span<const timeline::Document> runs, Language language);

/// Were both measured, each event seen, with the same result?
bool measured_equal(const Figure& a, const Figure& b);

/// Does it differ between two runs of the very same thing?
bool is_time(const Figure& figure);

}  // namespace zctrace::summary
