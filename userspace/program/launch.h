#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

/// Programs to be traced: started by us, or already running. Knows nothing of tracing.
namespace zctrace::program {

/// A command that stands before its execve, in our process group, with our standard streams, directory and environment.
class Launch {
 public:
  /// Looks the command up in PATH as a shell does. Throws Passed-like Error: status 127 where there is none of that
  /// name, 126 where it cannot be executed (a folder, no permission, not a program).
  explicit Launch(const std::vector<std::string>& command);
  /// Kills it if it has not been released, and leaves it alone if it has.
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  pid_t pid() const;
  /// Lets it execute. Throws Error (126, 127) where the kernel refuses.
  void release();
  /// Passes on the signals that somebody sent to us and not to the terminal's whole process group (SIGTERM, SIGHUP,
  /// SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, ...), and waits at most so long for its end.
  /// Its exit status once it has ended, 128 + signal where one killed it.
  std::optional<int> wait(int timeout_ms);
  /// The signal that killed it, 0 if none did.
  int killed_by() const;
};

}  // namespace zctrace::program
