#pragma once

#include "model/language/message.h"
#include "userspace/capture/kernel_symbols.h"

namespace zctrace::capture {

/// What this kernel lets this user see, found out by trying. A reason is empty where the thing works.
struct Capabilities {
  Message btf;          ///< types of the running kernel
  Message tracepoints;  ///< loading a raw tracepoint program
  Message fentry;       ///< loading and attaching an fentry program
  Message breakpoints;  ///< an execution breakpoint on a kernel function

  bool can_trace() const { return btf.empty() && tracepoints.empty(); }
  bool can_sum() const { return can_trace() && fentry.empty(); }
  bool can_count_exactly() const { return can_sum() && breakpoints.empty(); }
};

/// The running kernel, looked at once: reading its symbols and trying its hooks takes a while.
struct RunningKernel {
  KernelSymbols symbols;
  Capabilities capabilities;
};
const RunningKernel& running_kernel();

}  // namespace zctrace::capture
