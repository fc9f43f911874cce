#pragma once

#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The flows of a traced program, two lines each on 80 columns and one on wide terminals; those that weigh little are
/// one line together. Empty where there are none.
std::vector<std::string> flow_table(const timeline::Run& run, const timeline::Flows& flows, const Style& style);

}  // namespace zctrace::terminal
