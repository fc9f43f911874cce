#pragma once

#include "userspace/export/exporter.h"

namespace zctrace::exports {

/// Stacks of copies, a line each: "PROGRAM;outermost;...;innermost BYTES". Or sampled ones: "METHOD;SIDE;outermost;...;
/// innermost COUNT". Kernel functions end in _[k], files that a program's instructions are in stand in brackets. Throws
/// Error for a run that has neither.
std::unique_ptr<Exporter> folded(Output output);

}  // namespace zctrace::exports
