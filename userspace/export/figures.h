#pragma once

#include <string>
#include <vector>

#include "userspace/export/style.h"
#include "userspace/timeline/model.h"

namespace zctrace::exports {

/// The run's figures below the picture: one subject per row, what is not known called unknown.
std::vector<std::string> figures(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

}  // namespace zctrace::exports
