#pragma once

#include "model/timeline/model.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/guest_command.h"
#include "userspace/capture/session.h"

namespace zctrace::record {

/// The best that this kernel gives, at most what was asked for. Throws Error (not_permitted) where it gives nothing.
capture::CopyMode best_mode(capture::CopyMode asked, const capture::Capabilities& kernel);

/// A note for the document; empty where it is what was asked for.
Message why_weaker(capture::CopyMode asked, capture::CopyMode mode, const capture::Capabilities& kernel);

/// The kernel we run on.
timeline::Kernel this_kernel();

}  // namespace zctrace::record
