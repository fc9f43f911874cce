#pragma once

#include <string>

#include "workloads/net/path.h"

namespace zctrace::workloads {

/// Fulfils the wish on a device of the calling thread's namespace and tells what it then is. `dma` is left false.
PathFacts set_up_device(const std::string& kind, const std::string& device, const OffloadWish& wish);

}  // namespace zctrace::workloads
