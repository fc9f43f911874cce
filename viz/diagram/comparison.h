#pragma once

#include <span>
#include <string>

#include "model/timeline/model.h"
#include "viz/diagram/options.h"

namespace zctrace::diagram {

/// Runs side by side, a row each: copies per byte by edge, mode switches per chunk, context switches, CPU time and
/// throughput; what the documents claim as marks beside what was measured. As high as the runs need.
std::string comparison(std::span<const timeline::Measured> runs, const Options& options);

}  // namespace zctrace::diagram
