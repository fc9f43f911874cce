#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace zctrace {

/// A process that somebody else started.
struct Running {
  pid_t pid = 0;                     ///< of the process, also where a thread's id was given
  std::string name;                  ///< as the kernel has it: 15 characters at most
  std::vector<std::string> command;  ///< from /proc/PID/cmdline; its name in brackets where that is empty
  bool is_32_bit = false;            ///< makes system calls by another table than ours
};

/// Looks at it. Throws Error: there is no such process (failed), it is another user's (not_permitted), it is a kernel
/// thread, zctrace itself, or has ended and waits to be reaped (failed).
Running find_running(pid_t pid);

/// May we look at what it does? Not at another user's, unless we may look at everybody's.
bool may_inspect(pid_t pid);

/// All its threads now; empty once it has gone.
std::vector<pid_t> threads_of(pid_t pid);

/// What the kernel calls it now; empty where there is none.
std::string name_of_process(pid_t pid);

/// All processes that run now, but for kernel threads and zctrace.
std::vector<pid_t> running_processes();

/// The processes that it has started and that run now, with those that they have started, ...
std::vector<pid_t> descendants_of(pid_t pid);

/// False once it has gone (or waits to be reaped).
bool is_running(pid_t pid);

/// Is it that process, or has it been started by it, or by one that has, ...?
bool descends_from(pid_t pid, pid_t ancestor);

/// Is that file a program for another table of system calls than ours? Scripts and what cannot be read are none.
bool is_32_bit_program(const std::string& path);

}  // namespace zctrace
