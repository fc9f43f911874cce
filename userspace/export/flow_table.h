#pragma once

#include <string>
#include <vector>

#include "userspace/export/style.h"
#include "userspace/timeline/model.h"

namespace zctrace::exports {

/// The flows of a traced program, two lines each on 80 columns and one on wide terminals; those that weigh little are
/// one line together. Empty where there are none.
std::vector<std::string> flow_table(const timeline::Run& run, const timeline::Flows& flows, const Style& style);

}  // namespace zctrace::exports
