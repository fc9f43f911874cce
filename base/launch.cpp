#include "base/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/running.h"

namespace zctrace {

namespace {

/// Why a file cannot be executed: 0 if it can, as far as is known beforehand.
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

/// So it is in the command's place too. The C library's own two signals are refused.
std::vector<int> ignored_signals() {
  std::vector<int> ignored;
  struct sigaction action {};
  for (int number = 1; number < NSIG; ++number)
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) ignored.push_back(number);
  return ignored;
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
  SpawnRequest request{.command = command,
                       .file = path_,
                       .others = Others::as_exec,
                       .mask = signals_.before(),
                       .ignored = ignored_signals(),
                       .owner = owner};
  // Where it is ignored the command would be reaped before we could see how it ended.
  signal(SIGCHLD, SIG_DFL);
  program_.emplace(std::move(request));
}

Launch::~Launch() {
  if (released_ || status_) return;
  kill(pid(), SIGKILL);
  while (waitpid(pid(), nullptr, 0) < 0 && errno == EINTR) continue;
}

void Launch::release() {
  program_->release();
  released_ = true;
  try {
    while (!program_->executing()) turn(10);  // it may be stopped before it gets that far
  } catch (const SpawnError& error) {
    wait(-1);
    if (error.step != SpawnError::Step::exec) throw Error(ExitStatus::cannot_execute, error.what());
    if (error.error_number == ENOENT)
      throw Error(ExitStatus::not_found, path_ + ": its interpreter is missing", "file " + path_);
    refuse(path_, error.error_number);
  }
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
                      (signal.sender && descends_from(signal.sender, pid()));
  if (!has_it && !status_) kill(pid(), signal.number);
}

void Launch::look() {
  int word = 0;
  while (!status_ && waitpid(pid(), &word, WNOHANG | WUNTRACED | WCONTINUED) == pid()) {
    if (WIFSTOPPED(word) || WIFCONTINUED(word)) {
      stopped_ = WIFSTOPPED(word);
      continue;
    }
    killed_by_ = WIFSIGNALED(word) ? WTERMSIG(word) : 0;
    status_ = WIFEXITED(word) ? WEXITSTATUS(word) : 128 + killed_by_;
  }
}

}  // namespace zctrace
