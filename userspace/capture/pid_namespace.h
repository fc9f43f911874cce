#pragma once

#include <sys/types.h>

#include <cstdint>

namespace zctrace::capture {

/// The PID namespace that we run in, by its inode number. Throws Error (not_permitted) where /proc shows another one:
/// what it says of a process would be another's.
uint32_t own_pid_namespace();

/// The kernel's first one: what every hook sees.
bool is_first_pid_namespace(uint32_t inode);

/// The number in the first namespace of the process that has that number in ours. `iterator`: the open iterator over
/// bpf/namespace.bpf.c's pairs. 0: there is none.
pid_t number_in_first_namespace(int iterator, pid_t pid);

}  // namespace zctrace::capture
