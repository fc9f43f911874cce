#include "base/process.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

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

Finished run_program(SpawnRequest request, const std::function<void(std::string_view)>& on_line) {
  auto [out, out_end] = make_pipe();
  auto [err, err_end] = make_pipe();
  request.fds.insert(request.fds.end(), {{out_end.get(), STDOUT_FILENO}, {err_end.get(), STDERR_FILENO}});
  request.death_signal = SIGTERM;
  const pid_t child = spawn(std::move(request));
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
