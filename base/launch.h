#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/signals.h"
#include "base/spawn.h"

/// Programs to be traced: started by us, or already running. Knows nothing of tracing.
namespace zctrace {

/// The file that a shell would execute for this name: in PATH, unless there is a slash in it. Throws Error: not_found,
/// or cannot_execute (a folder, no permission).
std::string find_command(const std::string& name);

/// A command that stands before its execve, as if started in our place: in our process group, with our descriptors,
/// signals, directory and environment. While it lives, signals to us are for the command.
class Launch {
 public:
  /// `owner`: only root may ask for another. `group_signals_from`: a process that signals our whole process group as
  /// a terminal does (a guest's first one), or queues a signal for us alone; 0 for none. Throws Error as find_command
  /// does.
  explicit Launch(const std::vector<std::string>& command, const std::optional<Owner>& owner = {},
                  pid_t group_signals_from = 0);
  /// Kills it if it has not been released, and leaves it alone if it has.
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  pid_t pid() const { return program_->pid(); }
  /// Lets it execute. Throws Error (not_found, cannot_execute) where the kernel refuses.
  void release();
  /// Passes on the signals that were sent to us alone (its terminal's reach it anyway), and waits at most so long for
  /// its end; -1: without limit. Where it stops for its terminal (Ctrl-Z) so do we, until we are continued.
  /// Its exit status once it has ended, 128 + signal where one killed it.
  std::optional<int> wait(int timeout_ms);
  /// The signal that killed it, 0 if none did.
  int killed_by() const { return killed_by_; }

 private:
  void turn(int timeout_ms);
  void take(const Received& signal);
  void look();

  std::string path_;
  Signals signals_;
  pid_t group_signals_from_;
  std::optional<HeldProgram> program_;
  bool released_ = false;
  bool stop_asked_ = false, stopped_ = false;
  std::optional<int> status_;
  int killed_by_ = 0;
};

}  // namespace zctrace
