#pragma once

#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The chains of a traced program's flows: the ends that bytes went by, how often they were copied on the whole way, and
/// in each flow of it. Empty where there are none.
std::vector<std::string> chain_table(const timeline::Run& run, const timeline::Flows& flows, const Style& style);

}  // namespace zctrace::terminal
