#pragma once
#include <string_view>

#include "userspace/timeline/flow.h"

namespace zctrace::live {
std::string_view name_of(timeline::FlowMethod method);
}  // namespace zctrace::live
