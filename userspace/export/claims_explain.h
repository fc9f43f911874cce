#pragma once

#include <filesystem>
#include <string>

#include "userspace/documents/judged.h"
#include "userspace/documents/results.h"
#include "userspace/export/style.h"

namespace zctrace::exports {

/// How the claim came to its verdict: each comparison with its rule, and of each run that it rests on the command that
/// repeats it, the counts with the kernel functions, and the first event of each copy. Reads the runs in `folder`,
/// whose results are `results`.
std::string explain(const documents::Judged& claim, const documents::Results& results,
                    const std::filesystem::path& folder, const Style& style);

}  // namespace zctrace::exports
