#pragma once

#include <sys/resource.h>

/// This process's resource limits (setrlimit(2)): raised for what zctrace itself needs, and given to the programs that
/// it starts as it was given them.
namespace zctrace {

/// Raises the limit to `wanted` where it is lower: as far as its hard limit, beyond that where we may. RLIMIT_NOFILE or
/// RLIMIT_MEMLOCK.
void raise_limit(int resource, rlim_t wanted);

/// In a new process, before its execve: what raise_limit() changed is as before.
void restore_limits();

}  // namespace zctrace
