#pragma once

#include <string>

#include "model/timeline/model.h"
#include "userspace/capture/session.h"

namespace zctrace::capture {

/// Fills the ledger, the events, the losses and the copies' evidence of `document` from a session whose window is
/// closed. The rest of `document.run` (method, path, source, ...) is the caller's.
void collect(Session& session, timeline::Document& document);

/// Of followed programs: what was copied in no known flow, and what found no room.
void add_flow_sums(const Session& session, timeline::Flows& flows);

/// The single events that were not kept because they lay outside `window`, by kind.
timeline::Detail left_out(const Session& session, const std::string& window);

}  // namespace zctrace::capture
