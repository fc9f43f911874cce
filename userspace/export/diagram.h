#pragma once

#include <string>
#include <vector>

#include "userspace/export/style.h"
#include "userspace/timeline/model.h"

namespace zctrace::exports {

/// The documents' picture with the run's figures on it, 80 columns wide: user space above, the kernel below it,
/// hardware at the bottom; boxes where bytes rest, arrows for how they moved on the sending side.
std::vector<std::string> diagram(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

}  // namespace zctrace::exports
