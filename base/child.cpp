#include "base/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "base/io.h"
#include "base/spawn.h"

namespace zctrace {
Child::Child(ChildOptions options) {
  Pipe errors = make_pipe();
  errors_ = std::move(errors.out);
  fcntl(errors_.get(), F_SETFL, O_NONBLOCK);
  const std::string name = options.command[0];
  options.fds.emplace_back(errors.in.get(), STDERR_FILENO);
  pid_ = spawn({.command = std::move(options.command),
                .fds = std::move(options.fds),
                .netns = options.netns,
                .own_group = true,  // a terminal's Ctrl-C is for the parent alone
                .death_signal = SIGKILL});
  pid_fd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pid_fd_) {
    const int error = errno;
    kill_and_reap();
    errno = error;
    throw system_error("watching " + name);
  }
}

void Child::read_errors() {
  char piece[4096];
  for (;;) {
    const ssize_t got = uninterrupted([&] { return read(errors_.get(), piece, sizeof(piece)); });
    if (got == 0) errors_.reset();  // closed, and no longer worth watching
    if (got <= 0) break;
    unread_.append(piece, static_cast<size_t>(got));
  }
  for (size_t end; (end = unread_.find('\n')) != unread_.npos; unread_.erase(0, end + 1)) {
    const std::string line = unread_.substr(0, end);
    if (line.starts_with("note: ")) {
      notes_.push_back(note_of(line.substr(6)));
    } else if (line.starts_with("  hint: ")) {
      hint_ = line.substr(8);
    } else {
      error_line_ = line;
    }
  }
}

bool Child::ended() {
  if (!status_ && pid_ > 0) {
    int status = 0;
    if (uninterrupted([&] { return waitpid(pid_, &status, WNOHANG); }) == pid_) {
      status_ = status;
      if (errors_) read_errors();
    }
  }
  return status_.has_value();
}

void Child::kill_and_reap() {
  if (pid_ <= 0 || status_) return;
  kill(pid_, SIGKILL);
  int status = 0;
  uninterrupted([&] { return waitpid(pid_, &status, 0); });
  status_ = status;
}

bool Child::killed() const { return status_ && WIFSIGNALED(*status_); }

std::string Child::end_text() const {
  if (killed()) return fmt::format("signal {}", WTERMSIG(*status_));
  return fmt::format("exit status {}", status_ ? WEXITSTATUS(*status_) : 0);
}

}  // namespace zctrace
