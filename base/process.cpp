#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/io.h"

namespace zctrace {

namespace fs = std::filesystem;

fs::path find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string folders = fmt::format("{}:/usr/sbin:/sbin:/usr/bin:/bin", path ? path : "");
  for (size_t begin = 0; begin <= folders.size();) {
    const size_t end = std::min(folders.find(':', begin), folders.size());
    const fs::path candidate = fs::path(folders.substr(begin, end - begin)) / name;
    if (candidate.is_absolute() && access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return {};
}

namespace {

/// What the child does between fork and exec; only calls that are safe after a fork of a process with threads.
[[noreturn]] void become(const Spawn& request, char* const* argv, pid_t parent, int null_fd, int report_fd) {
  const auto fail = [report_fd] {
    const int why = errno;
    [[maybe_unused]] const ssize_t ignored = write(report_fd, &why, sizeof why);
    _exit(127);
  };
  if (request.own_group) setpgid(0, 0);
  if (request.death_signal) {
    prctl(PR_SET_PDEATHSIG, request.death_signal);
    if (getppid() != parent) _exit(127);  // it died before the line above
  }
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (dup2(null_fd, STDIN_FILENO) < 0) fail();
  if (dup2(request.out >= 0 ? request.out : null_fd, STDOUT_FILENO) < 0) fail();
  if (dup2(request.err >= 0 ? request.err : null_fd, STDERR_FILENO) < 0) fail();
  for (const int fd : request.inherited) fcntl(fd, F_SETFD, 0);
  if (!request.folder.empty() && chdir(request.folder.c_str()) != 0) fail();
  execv(argv[0], argv);
  fail();
  _exit(127);
}

}  // namespace

pid_t spawn(const Spawn& request) {
  std::vector<char*> argv;
  for (const std::string& word : request.command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  const Fd null_fd(open("/dev/null", O_RDWR | O_CLOEXEC));
  auto [report, reported] = make_pipe();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(request, argv.data(), parent, null_fd.get(), reported.get());
  if (child < 0)
    throw Error(ExitStatus::failed, fmt::format("cannot start {}: {}", request.command[0], std::strerror(errno)));
  reported.reset();
  int why = 0;
  if (read(report.get(), &why, sizeof why) == sizeof why) {
    waitpid(child, nullptr, 0);
    throw Error(ExitStatus::failed, fmt::format("cannot start {}: {}", request.command[0], std::strerror(why)));
  }
  return child;
}

namespace {

int wait_for(pid_t child) {
  int wait_status = 0;
  while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/// Reads both ends until both are closed.
void drain(int out, int err, Finished& finished, const std::function<void(std::string_view)>& on_line) {
  size_t line_begin = 0;
  std::array<pollfd, 2> polled = {{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    for (size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || !polled[i].revents) continue;
      char bytes[4096];
      const ssize_t got = read(polled[i].fd, bytes, sizeof bytes);
      if (got > 0)
        (i == 0 ? finished.out : finished.err).append(bytes, static_cast<size_t>(got));
      else if (got == 0 || errno != EINTR)
        polled[i].fd = -1;
    }
    for (size_t end; on_line && (end = finished.out.find('\n', line_begin)) != std::string::npos; line_begin = end + 1)
      on_line(std::string_view(finished.out).substr(line_begin, end - line_begin));
  }
}

}  // namespace

Finished run_program(Spawn request, const std::function<void(std::string_view)>& on_line) {
  auto [out, out_end] = make_pipe();
  auto [err, err_end] = make_pipe();
  request.out = out_end.get();
  request.err = err_end.get();
  request.death_signal = SIGTERM;
  const pid_t child = spawn(request);
  out_end.reset();
  err_end.reset();

  Finished finished;
  try {
    drain(out.get(), err.get(), finished, on_line);
  } catch (...) {
    kill(child, SIGTERM);
    wait_for(child);
    throw;
  }
  finished.status = wait_for(child);
  return finished;
}

}  // namespace zctrace
