#pragma once

#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The flows of a traced program, two lines each on 80 columns and one on wide terminals; those that weigh little are
/// one line together. Why a flow has copies, and what would avoid them, stands below it, once for all that are alike.
/// Empty where there are none.
std::vector<std::string> flow_table(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

}  // namespace zctrace::terminal
