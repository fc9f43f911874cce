#include "userspace/capture/guest_command.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <initializer_list>

namespace zctrace::capture {

bool in_lab() { return access("/run/zctrace/lab", F_OK) == 0; }

bool is_guest_command() { return getppid() == 1 && in_lab(); }

void end_guest(int status) {
  if (!is_guest_command()) return;
  std::fflush(nullptr);
  // Whoever reads these reads to their end.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(stream);
  sigval value{};
  value.sival_int = status;
  sigqueue(1, SIGUSR1, value);
  for (;;) pause();
}

}  // namespace zctrace::capture
