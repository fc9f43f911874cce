#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {

/// One figure of a run, as a row of a table.
struct Figure {
  std::string id;                ///< the same thing has the same one in every run and language: "cpu_copies_per_byte",
                                 ///< "copies/sender/page cache/user buffer/cpu"
  std::string section, label;    ///< the heading it stands under, and what it is
  std::string value;             ///< "2.00", "256", "4.00 MiB", "unknown"
  std::optional<double> number;  ///< the value for comparisons; nothing where it is unknown or no number
  timeline::Evidence evidence = timeline::Evidence::none;
  std::string detail;  ///< how it came about: "_copy_to_iter ×1,024, 25% in softirq"; may be empty
};

/// All figures of a run, sender first, in the order in which a reader asks for them.
std::vector<Figure> figure_list(const timeline::Run& run, const timeline::Ledger& ledger, Language language);

/// The id of an edge's figure per byte.
std::string edge_id(timeline::Side side, const timeline::Edge& edge);

/// What a run has in the place of a figure that only another run's list holds (an edge, a system call): none of it,
/// "-", or unknown where it could not have been seen.
Figure absent(const timeline::Run& run, const Figure& like, Language language);

}  // namespace zctrace::summary
