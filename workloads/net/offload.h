#pragma once

#include <string_view>

#include "workloads/net/path.h"

namespace zctrace::workloads {

/// "sg=off,tx=off,tso=off,gso=on"; empty wishes nothing. Throws a usage Error.
OffloadWish parse_offload(std::string_view text);

}  // namespace zctrace::workloads
