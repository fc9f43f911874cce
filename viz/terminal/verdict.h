#pragma once

#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The heading: what was found in one line, what the documents claim beside it, and what was run.
std::vector<std::string> verdict(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

}  // namespace zctrace::terminal
