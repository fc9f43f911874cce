#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace zctrace::capture {

/// A hardware execution breakpoint on a kernel address (perf_event_open, PERF_TYPE_BREAKPOINT): for one task and all it
/// will fork (cpu -1), or for all tasks on one processor (pid -1). Returns the event's descriptor, or -1 with errno:
/// EINVAL where the kernel refuses kernel breakpoints (CONFIG_KPROBES off), ENOSPC where the four debug registers are
/// taken, EACCES without privilege.
int open_breakpoint(pid_t pid, int cpu, uint64_t address);

/// A tracepoint by perf, disabled; a program attached to it sees every CPU. Finds its number in tracefs, which it mounts for
/// itself alone where it is not mounted. Returns the event's descriptor, or -1 with errno. Throws Error (not_permitted) where
/// this user may not read it.
int open_tracepoint(const std::string& category, const std::string& name);

/// Can instructions of programs be probed (CONFIG_UPROBE_EVENTS)?
bool has_uprobes();

/// A probe on an instruction of a program's file, in all processes that have it mapped. Returns the event's descriptor,
/// or -1 with errno.
int open_uprobe(const std::string& file, uint64_t offset);

}  // namespace zctrace::capture
