#pragma once

#include <map>
#include <string>

#include "model/timeline/model.h"
#include "model/tour/tour.h"

namespace zctrace::tour {

/// What was measured, by the name of the TourRun; events are not needed.
using TourDocuments = std::map<std::string, timeline::Document>;

/// The TourValue, looked up: its text is there even where it is not known ("unknown", "~1.00").
rules::Value look_up(const TourValue& value, const TourDocuments& documents);

/// Only what was seen event by event answers a question.
bool known(const rules::Value& value);

}  // namespace zctrace::tour
