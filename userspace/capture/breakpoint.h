#pragma once

#include <sys/types.h>

#include <cstdint>

namespace zctrace::capture {

/// A hardware execution breakpoint on a kernel address, for one task and all it will fork (perf_event_open,
/// PERF_TYPE_BREAKPOINT, inherit). Returns the event's descriptor, or -1 with errno: EINVAL where the kernel refuses
/// kernel breakpoints (CONFIG_KPROBES off), ENOSPC where the four debug registers are taken, EACCES without privilege.
int open_breakpoint(pid_t pid, uint64_t address);

}  // namespace zctrace::capture
