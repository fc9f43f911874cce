#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/note.h"

namespace zctrace {

struct ChildOptions {
  std::vector<std::string> command;      ///< an executable's path and its arguments
  int netns = -1;                        ///< network namespace to start it in; -1: ours
  std::vector<std::pair<int, int>> fds;  ///< {ours, the number it has in the child}; nothing else is inherited
};

/// A program that dies with the thread that started it, in a process group of its own, its standard error caught.
class Child {
 public:
  /// Returns when it executes. Throws Error.
  explicit Child(ChildOptions options);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill_and_reap(); }

  pid_t pid() const { return pid_; }
  int pid_fd() const { return pid_fd_.get(); }  ///< readable when it has ended
  int error_fd() const { return errors_.get(); }

  /// Takes in what it has printed, without waiting.
  void read_errors();
  /// Looks whether it has ended and reaps it then; without waiting.
  bool ended();
  /// As ended() last found it.
  bool reaped() const { return status_.has_value(); }
  void kill_and_reap();

  bool succeeded() const { return status_ == 0; }
  /// "signal 9" or "exit status 1"; only after it has ended.
  std::string end_text() const;
  bool killed() const;
  /// What it printed last, and the hint that went with it.
  const std::string& error_line() const { return error_line_; }
  const std::string& hint() const { return hint_; }
  const std::vector<Note>& notes() const { return notes_; }

 private:
  pid_t pid_ = -1;
  Fd pid_fd_, errors_;
  std::optional<int> status_;
  std::string unread_, error_line_, hint_;
  std::vector<Note> notes_;
};

}  // namespace zctrace
