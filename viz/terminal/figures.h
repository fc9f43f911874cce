#pragma once

#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The run's figures below the picture: one subject per row, what is not known called unknown.
std::vector<std::string> figures(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

}  // namespace zctrace::terminal
