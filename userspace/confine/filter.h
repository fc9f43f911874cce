#pragma once

namespace zctrace::confine {

// Filters of system calls (seccomp) for the calling thread and those it starts from now on: a call that is not allowed
// fails with EPERM. Without effect on a kernel that has no such filters (CONFIG_SECCOMP_FILTER).

/// For a trace whose hooks are attached: nothing is executed (unless `programs`), loaded into the kernel, mounted,
/// debugged or listened to; nobody else's identity is taken.
void filter_trace(bool programs);

/// For a thread that accepts connections and answers: nothing else is possible.
void filter_server();

/// Does this kernel have such filters?
bool has_filters();

}  // namespace zctrace::confine
