#include "userspace/commands/support/scoped_dev_null.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace zctrace::commands {

ScopedDevNull::ScopedDevNull(bool screen) {
  std::fflush(stdout);
  const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && null; ++fd) {
    if (fd != STDOUT_FILENO && !(screen && isatty(fd))) continue;
    kept_[static_cast<size_t>(fd)].reset(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    dup2(null.get(), fd);
  }
}

ScopedDevNull::~ScopedDevNull() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (kept_[static_cast<size_t>(fd)]) dup2(kept_[static_cast<size_t>(fd)].get(), fd);
}

}  // namespace zctrace::commands
