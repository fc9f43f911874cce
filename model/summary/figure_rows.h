#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/summary/figure_list.h"

namespace zctrace::summary {

/// A run's figure, held against the first run's.
struct ComparedFigure : Figure {
  bool absent = false;          ///< none of it was there, for sure; else an unknown figure has no number
  bool equal = false;           ///< measured in both, each event seen, with the same result
  bool differs = false;         ///< in its value or in its evidence
  std::optional<double> ratio;  ///< to the first run's, where both are more than nothing
  std::string change;           ///< the ratio, "×0.50", where it can be seen; "new", "gone"; may be empty
};

/// One figure in every run.
struct FigureRow {
  Figure head;                        ///< the row's id, section and label
  bool time = false;                  ///< it differs between two runs of the very same thing
  bool differs = false;               ///< some run's from the first one's
  std::vector<ComparedFigure> cells;  ///< one per run
};

/// The lists of all runs, matched by id; what only some have stands in the others' cells as absent or unknown.
std::vector<FigureRow> figure_rows(std::span<const timeline::Measured> runs, Language language);

/// What the documents claim of a figure.
struct ClaimedFigure {
  std::optional<unsigned> number;  ///< nothing: none, or they give no number
  bool in_part = false;            ///< it is of a part of what was measured: no contradiction
  bool contradicted = false;       ///< they say something else than was measured
};

ClaimedFigure claimed_figure(const timeline::Run& run, const Figure& figure);

/// Were both measured, each event seen, with the same result?
bool measured_equal(const Figure& a, const Figure& b);

}  // namespace zctrace::summary
