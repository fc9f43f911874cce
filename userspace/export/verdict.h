#pragma once

#include <string>
#include <vector>

#include "userspace/export/style.h"
#include "userspace/timeline/model.h"

namespace zctrace::exports {

/// The heading: what was found in one line, what the documents claim beside it, and what was run.
std::vector<std::string> verdict(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

}  // namespace zctrace::exports
