#include "base/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/io.h"

namespace zctrace {
namespace {

/// Between fork and exec only plain system calls are safe: no memory is allocated, nothing is thrown.
[[noreturn]] void give_up(const char* what) {
  const char* why = std::strerror(errno);
  for (const char* part : {what, ": ", why, "\n"}) {
    if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
  }
  _exit(127);
}

[[noreturn]] void become(char* const* arguments, const ChildOptions& options, int errors, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before it could be watched
  setpgid(0, 0);                        // a terminal's Ctrl-C is for the conductor alone
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);

  dup2(errors, STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  // First out of the way, then into place, lest one be overwritten before it is copied. Those that stay are the
  // children's numbers; everything else, above all a tracer's descriptors, is closed.
  constexpr int out_of_the_way = 200;
  int moved[8];
  for (size_t i = 0; i < options.fds.size(); ++i) moved[i] = fcntl(options.fds[i].first, F_DUPFD, out_of_the_way);
  const int netns = options.netns < 0 ? -1 : fcntl(options.netns, F_DUPFD, out_of_the_way);
  unsigned next = 3;
  for (size_t i = 0; i < options.fds.size(); ++i) {
    const unsigned number = static_cast<unsigned>(options.fds[i].second);
    dup2(moved[i], options.fds[i].second);
    if (number > next) syscall(SYS_close_range, next, number - 1, 0);
    next = std::max(next, number + 1);
  }
  if (netns >= 0 && setns(netns, CLONE_NEWNET) < 0) give_up("entering the network namespace");
  syscall(SYS_close_range, next, ~0U, 0);

  execv(arguments[0], arguments);
  give_up(arguments[0]);
}

}  // namespace

Child::Child(const ChildOptions& options) {
  Pipe errors = make_pipe();
  errors_ = std::move(errors.out);
  fcntl(errors_.get(), F_SETFL, O_NONBLOCK);
  std::vector<char*> arguments;
  for (const std::string& word : options.command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw system_error("starting " + options.command[0]);
  if (pid_ == 0) become(arguments.data(), options, errors.in.get(), parent);
  pid_fd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pid_fd_) {
    const Error error = system_error("watching " + options.command[0]);
    kill_and_reap();
    throw error;
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
