#include "base/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/io.h"
#include "base/running.h"

namespace zctrace {

namespace {

/// Why a file cannot be executed: 0 if it can, as far as can be told beforehand.
int why_not(const std::string& path) {
  struct stat facts;
  if (stat(path.c_str(), &facts) != 0) return errno;
  if (S_ISDIR(facts.st_mode)) return EISDIR;
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

[[noreturn]] void refuse(const std::string& name, int why) {
  if (why == ENOENT || why == ENOTDIR)
    throw Error(ExitStatus::not_found, (name.empty() ? "''" : name) +
                                           (name.find('/') == name.npos ? ": command not found" : ": no such file"));
  if (why == EISDIR) throw Error(ExitStatus::cannot_execute, name + ": is a directory");
  if (why == ENOEXEC)
    throw Error(ExitStatus::cannot_execute, name + ": not a program that this machine can execute",
                "a script needs a first line such as #!/bin/sh");
  throw Error(ExitStatus::cannot_execute, fmt::format("{}: {}", name, std::strerror(why)));
}

/// What the command tells us where it could not become what it should.
struct Refusal {
  int why;
  bool of_owner;
};

/// Runs in the child; only what is safe after the fork of a process with threads.
[[noreturn]] void become(const char* path, char* const* arguments, const Owner* owner, const sigset_t& mask,
                         const struct sigaction& children, int gate) {
  const auto give_up = [gate](bool of_owner) {
    const Refusal refusal{errno, of_owner};
    send(gate, &refusal, sizeof refusal, MSG_NOSIGNAL);
    _exit(127);
  };
  sigaction(SIGCHLD, &children, nullptr);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  char go;
  ssize_t got;
  while ((got = recv(gate, &go, 1, 0)) < 0 && errno == EINTR) continue;
  if (got != 1) _exit(127);  // we are not wanted any more
  if (owner) {
    // Pipes belong to who made them: /dev/stdout could not be opened.
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
      struct stat facts;
      if (fstat(fd, &facts) == 0 && S_ISFIFO(facts.st_mode) && fchown(fd, owner->user, owner->groups[0]) != 0)
        give_up(true);
    }
    if (setgroups(owner->groups.size(), owner->groups.data()) != 0) give_up(true);
    if (setgid(owner->groups[0]) != 0 || setuid(owner->user) != 0) give_up(true);
  }
  execv(path, arguments);
  give_up(false);
  _exit(127);
}

}  // namespace

std::string find_command(const std::string& name) {
  if (name.find('/') != name.npos) {
    if (const int why = why_not(name)) refuse(name, why);
    return name;
  }
  const char* variable = std::getenv("PATH");
  const std::string folders = variable ? variable : "/usr/local/bin:/bin:/usr/bin";
  int found = ENOENT;
  for (size_t begin = 0; !name.empty() && begin <= folders.size();) {
    const size_t end = std::min(folders.find(':', begin), folders.size());
    // An empty folder is the current one.
    const std::string path = (std::filesystem::path(folders.substr(begin, end - begin)) / name).string();
    const int why = why_not(path);
    if (why == 0) return path.find('/') == path.npos ? "./" + path : path;
    if (why == EACCES) found = why;
    begin = end + 1;
  }
  refuse(name, found);
}

Launch::Launch(const std::vector<std::string>& command, const std::optional<Owner>& owner, pid_t group_signals_from)
    : path_(find_command(command.at(0))), group_signals_from_(group_signals_from) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  auto [ours, theirs] = make_socket_pair();
  gate_ = std::move(ours);

  // Where it is ignored the command would be reaped before we could see how it ended.
  struct sigaction as_usual {
  }, before;
  as_usual.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &as_usual, &before);
  pid_ = fork();
  if (pid_ == 0) {
    gate_.reset();
    become(path_.c_str(), arguments.data(), owner ? &*owner : nullptr, signals_.before(), before, theirs.get());
  }
  if (pid_ < 0) throw Error(ExitStatus::failed, fmt::format("cannot start {}: {}", command[0], std::strerror(errno)));
}

Launch::~Launch() {
  if (released_ || status_) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

void Launch::release() {
  const char go = 'G';
  send(gate_.get(), &go, 1, MSG_NOSIGNAL);  // it may have been killed by now, which wait() tells
  released_ = true;
  Refusal refusal{};
  ssize_t got;
  // It may be stopped before it gets that far.
  while ((got = recv(gate_.get(), &refusal, sizeof refusal, MSG_DONTWAIT)) < 0 && errno == EAGAIN) turn(10);
  if (got != sizeof refusal) return;
  wait(-1);
  if (refusal.of_owner)
    throw Error(ExitStatus::cannot_execute, fmt::format("cannot switch to its user: {}", std::strerror(refusal.why)));
  if (refusal.why == ENOENT)
    throw Error(ExitStatus::not_found, path_ + ": its interpreter is missing", "file " + path_);
  refuse(path_, refusal.why);
}

std::optional<int> Launch::wait(int timeout_ms) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!status_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    turn(timeout_ms < 0 ? -1 : static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (timeout_ms >= 0 && left <= 0) break;
  }
  return status_;
}

/// Waits a moment for a signal, and takes what has come; SIGCHLD is among them.
void Launch::turn(int timeout_ms) {
  pollfd polled{signals_.fd(), POLLIN, 0};
  poll(&polled, 1, timeout_ms);
  while (const auto signal = signals_.next()) take(*signal);
  look();
  if (!stopped_ || !stop_asked_) return;
  stop_asked_ = false;
  raise(SIGSTOP);  // for the shell, that takes the terminal back; here we go on when it continues us
}

void Launch::take(const Received& signal) {
  if (signal.number == SIGCHLD) return;
  if (signal.number == SIGTSTP || signal.number == SIGTTIN || signal.number == SIGTTOU) stop_asked_ = true;
  const bool has_it = signal.whole_group ||
                      (group_signals_from_ && signal.sender == group_signals_from_ && !signal.queued) ||
                      (signal.sender && descends_from(signal.sender, pid_));
  if (!has_it && !status_) kill(pid_, signal.number);
}

void Launch::look() {
  int word = 0;
  while (!status_ && waitpid(pid_, &word, WNOHANG | WUNTRACED | WCONTINUED) == pid_) {
    if (WIFSTOPPED(word) || WIFCONTINUED(word)) {
      stopped_ = WIFSTOPPED(word);
      continue;
    }
    killed_by_ = WIFSIGNALED(word) ? WTERMSIG(word) : 0;
    status_ = WIFEXITED(word) ? WEXITSTATUS(word) : 128 + killed_by_;
  }
}

}  // namespace zctrace
