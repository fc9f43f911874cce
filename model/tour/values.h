#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/timeline/model.h"
#include "model/tour/tour.h"

namespace zctrace::tour {

/// What was measured, by the name of the TourRun; events are not needed.
using TourDocuments = std::map<std::string, timeline::Document>;

/// A TourValue, looked up.
struct TourMeasured {
  std::string text;              ///< "2.00", "~1.00", "unknown", "page cache → user buffer"
  std::string how;               ///< what did it: "_copy_to_iter ×1,024"; may be empty
  std::optional<double> number;  ///< nothing where it is unknown, or a place
  std::string edge;              ///< kLargestCopy: an edge's id, or kNoCopy; else empty
  timeline::Evidence evidence = timeline::Evidence::none;
  std::optional<unsigned> claimed;  ///< what the documents say of it
  std::optional<bool> agrees;       ///< with the documents; nothing where either is not known

  /// Only what was seen event by event answers a question.
  bool known() const { return evidence == timeline::Evidence::exact && (number || !edge.empty()); }
};

TourMeasured look_up(const TourValue& value, const TourDocuments& documents, Language language);

/// Is that what was measured? Calls outside the loop or a packet's odd bytes do not make another figure of it.
bool is_measured(const TourMeasured& measured, const std::variant<double, std::string>& predicted);

}  // namespace zctrace::tour
