#pragma once

#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/fd.h"

/// The one place where programs are started: fork, prepare, execve. What watches them stands on it: run_program()
/// (process.h), Child (child.h), Launch (launch.h).
namespace zctrace {

/// Whom a program belongs to, where that is another than we are.
struct Owner {
  uid_t user = 0;
  std::vector<gid_t> groups;  ///< the first is the primary one
};

/// Which of our descriptors a program has besides `fds`.
enum class Others {
  closed,   ///< none; standard streams that `fds` does not name are /dev/null
  as_exec,  ///< those that are not closed on exec, as if we executed it in our place
};

struct SpawnRequest {
  std::vector<std::string> command = {};      ///< the words; command[0] is the file's path where `file` is empty
  std::string file = {};                      ///< executed under the name command[0]
  std::filesystem::path folder = {};          ///< working directory; empty: ours
  std::vector<std::pair<int, int>> fds = {};  ///< {ours, the number in the program}; ours stay open here
  Others others = Others::closed;
  int netns = -1;                     ///< network namespace to enter; -1: ours
  bool own_group = false;             ///< a process group of its own, which a terminal's Ctrl-C does not reach
  int death_signal = 0;               ///< it gets this when the thread that starts it ends, kill -9 included
  std::optional<sigset_t> mask = {};  ///< signals that it blocks; none if not given
  std::vector<int> ignored = {};      ///< signals that it ignores; all others have their default action
  std::optional<Owner> owner = {};    ///< only root may ask for one; pipes among the standard streams become theirs
};

/// What failed between fork and execve.
class SpawnError : public Error {
 public:
  enum class Step : int { descriptors, netns, owner, folder, exec };
  SpawnError(const SpawnRequest& request, Step step, int error_number);

  Step step;
  int error_number;
};

/// A program that was forked and waits before its execve: attach to it now. Its end is the caller's to wait for; it
/// ends by itself where it is never released.
class HeldProgram {
 public:
  /// Throws Error where there is no process to be had.
  explicit HeldProgram(SpawnRequest request);

  pid_t pid() const { return pid_; }
  void release();
  /// Does it execute by now (or has it ended before)? Without waiting. Throws SpawnError.
  bool executing();
  /// Waits until it does. Throws SpawnError.
  void wait_until_executing();

 private:
  bool read_report(int flags);

  SpawnRequest request_;
  pid_t pid_ = -1;
  Fd gate_;
};

/// Starts a program and returns when it executes. Throws Error, SpawnError.
pid_t spawn(SpawnRequest request);

}  // namespace zctrace
