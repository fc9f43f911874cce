#pragma once

#include <string>
#include <vector>

#include "model/timeline/model.h"

namespace zctrace::timeline {

/// Holds the timeline against the ledger: events seen plus events lost must be what the ledger counted, kind by kind;
/// bytes must be equal where nothing was lost and never more. One sentence for each disagreement, none where all agree.
/// Needs the events: not for a document read by read_summary.
std::vector<std::string> check(const Document& document);

}  // namespace zctrace::timeline
