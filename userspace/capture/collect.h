#pragma once

#include "userspace/capture/session.h"
#include "userspace/timeline/model.h"

namespace zctrace::capture {

/// Fills the ledger, the events, the losses and the copies' evidence of `document` from a session whose window is
/// closed. The rest of `document.run` (method, path, source, ...) is the caller's.
void collect(Session& session, timeline::Document& document);

}  // namespace zctrace::capture
