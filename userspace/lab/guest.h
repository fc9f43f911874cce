#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "userspace/error.h"
#include "userspace/lab/kernel.h"

namespace zctrace::lab {

/// One command to run on a lab kernel, as root, in a guest that sees the host's files (read-only; what it writes is
/// gone at the end). In the guest /run/zctrace/lab names the kernel and /run/zctrace/disk is an empty ext4 on NVMe.
struct GuestRequest {
  Kernel kernel;
  std::vector<std::string> command;      ///< a path, or a name looked for in the environment's PATH
  std::string cwd = "/";                 ///< working directory; not below /run or /dev/shm, which are the guest's own
  std::vector<std::string> environment;  ///< "NAME=VALUE"; nothing is added
  uint64_t disk_bytes = uint64_t{1} << 30;  ///< sparse
  unsigned memory_mib = 1024;
  std::chrono::seconds boot_limit{40};
  std::chrono::seconds run_limit{0};  ///< 0: none

  /// The command's standard output and error as they come; a slow one slows the command down.
  std::function<void(std::string_view)> on_out, on_err;
  /// "booting", "booting again", "running".
  std::function<void(std::string_view)> on_stage;
  /// Asked some 20 times a second: has the person pressed Ctrl-C since it was last asked? The first true interrupts the
  /// command (SIGINT to its process group), the second, or one during the boot, ends the guest.
  std::function<bool()> interrupted;
};

struct GuestResult {
  int exit_status = 0;      ///< the command's; 128 + signal when it was killed; 130 when the person ended the guest
  double boot_seconds = 0;  ///< from QEMU's start to the command's
  bool booted_twice = false;
};

/// The guest ended before its command did: a panic, a hang, an exceeded limit. Another try may do better.
class GuestDied : public Error {
 public:
  using Error::Error;
};

/// Boots the kernel, runs the command to its end and ends the guest. A boot that panics or hangs is tried once more.
/// Needs no root. Throws GuestDied, or another Error (failed) when QEMU is missing or the guest cannot boot.
GuestResult run_guest(const GuestRequest& request);

}  // namespace zctrace::lab
