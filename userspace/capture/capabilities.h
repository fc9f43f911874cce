#pragma once

#include "userspace/capture/features.h"

namespace zctrace::capture {

/// What this kernel lets this user see: of its features those that the modes of capture rest on. A reason is empty
/// where the thing works.
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
  RunningKernel();
  KernelSymbols symbols;
  KernelFeatures features;
  Capabilities capabilities;
};
const RunningKernel& running_kernel();

}  // namespace zctrace::capture
