#pragma once

#include <string>

#include "model/claims/judged.h"
#include "model/claims/results.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// How the claim came to its verdict: each comparison with its rule, and of each run that it rests on the command that
/// repeats it, the counts with the kernel functions, and the first event of each copy. Reads the files of
/// `results`.
std::string explain(const claims::Judged& claim, const claims::Results& results, const Style& style);

}  // namespace zctrace::terminal
