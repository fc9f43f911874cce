#pragma once

#include "userspace/export/exporter.h"

namespace zctrace::exports {

/// Sampled stacks, a line each: "METHOD;SIDE;outermost;...;innermost COUNT". Kernel functions end in _[k], files that a
/// program's instructions are in stand in brackets. Throws Error for a run of which nothing was sampled.
std::unique_ptr<Exporter> folded(Output output);

}  // namespace zctrace::exports
