#pragma once

#include <vector>

#include "model/timeline/model.h"
#include "userspace/capture/session.h"

namespace zctrace::record {

/// Proves that each attached hook fires: attaching proves nothing (an inlined function's hook attaches and stays
/// silent). Does a little of everything under trace, on small files and in namespaces of its own, and looks which hooks
/// saw it and
/// found its owner. Leaves the session as new.
std::vector<timeline::Hook> self_test(capture::Session& session);

}  // namespace zctrace::record
