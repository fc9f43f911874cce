#include "userspace/capture/pid_namespace.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "bpf/record.h"

namespace zctrace::capture {

uint32_t own_pid_namespace() {
  std::error_code error;
  const std::string self = std::filesystem::read_symlink("/proc/self", error).string();
  if (self != std::to_string(getpid()))
    throw Error(
        ExitStatus::not_permitted,
        fmt::format("/proc shows another PID namespace than the one zctrace runs in ({} and {} are both zctrace)",
                    self.empty() ? "?" : self, getpid()),
        "mount -t proc proc /proc (unshare: --mount-proc)");
  struct stat facts {};
  if (stat("/proc/self/ns/pid", &facts))
    throw Error(ExitStatus::failed, fmt::format("cannot read /proc/self/ns/pid: {}", strerror(errno)));
  return static_cast<uint32_t>(facts.st_ino);
}

bool is_first_pid_namespace(uint32_t inode) {
  constexpr uint32_t kFirst = 0xEFFFFFFC;  // PROC_PID_INIT_INO
  return inode == kFirst;
}

pid_t number_in_first_namespace(int iterator, pid_t pid) {
  pid_t found = 0;
  zc_process_number rows[64];
  for (;;) {
    const ssize_t bytes = read(iterator, rows, sizeof rows);
    if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (bytes <= 0) return found;
    for (size_t i = 0; i < static_cast<size_t>(bytes) / sizeof *rows; i++)
      if (rows[i].here == static_cast<uint32_t>(pid)) found = static_cast<pid_t>(rows[i].first);
  }
}

}  // namespace zctrace::capture
