#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/language/text.h"
#include "userspace/lab/kernel.h"

namespace zctrace::lab {

/// What a program in the guest writes to this file reaches on_data.
inline constexpr const char* guest_data_place = "/run/zctrace/data";

/// The usual guest's: one that has booted is kept, and the next start from there (snapshot.h).
inline constexpr unsigned kMemoryMib = 3072;

/// For the command. SIGKILL ends the guest, as all that would end a command does during the boot.
struct GuestSignal {
  int number = 0;
  bool whole_group = false;  ///< to its process group, as from a terminal; else queued (SI_QUEUE) for it alone
};

/// One command to run on a lab kernel, as root, in a guest that sees the host's files (read-only; what it writes is
/// gone at the end). In the guest /run/zctrace/lab names the kernel and /run/zctrace/disk is an empty ext4 on NVMe.
struct GuestRequest {
  Kernel kernel;
  std::string append;                    ///< kernel parameters beside the lab's own, as QEMU's -append takes them
  std::vector<std::string> command;      ///< a path, or a name looked for in the environment's PATH
  std::string cwd = "/";                 ///< working directory; not below /run or /dev/shm, which are the guest's own
  std::vector<std::string> environment;  ///< "NAME=VALUE"; nothing is added
  /// Run before a booted guest is kept, with the host's root read-only: what it loads into the kernel, guests that
  /// start from there find loaded. `prepare[0]` is a file of the host's: another file is another guest's. Empty:
  /// nothing.
  std::vector<std::string> prepare;
  uint64_t disk_bytes = uint64_t{1} << 30;  ///< sparse
  unsigned memory_mib = kMemoryMib;
  std::chrono::seconds boot_limit{40};  ///< up to the devices, and from there to the command
  std::chrono::seconds run_limit{0};    ///< 0: none

  /// What the command reads as its standard input; -1: nothing. No faster than it reads.
  int in = -1;
  /// The command's standard output and error, and the file guest_data_place, as they come; a slow one slows the command
  /// down.
  std::function<void(std::string_view)> on_out, on_err, on_data;
  /// Text::stage_booting, stage_booting_again, stage_running.
  std::function<void(Text)> on_stage;
  /// Asked until it has none, some 20 times a second.
  std::function<std::optional<GuestSignal>()> next_signal;
};

struct GuestResult {
  int exit_status = 0;      ///< the command's; 128 + signal when it was killed; 130 when SIGKILL ended the guest
  int killed_by = 0;        ///< the signal that killed the command in the guest, where one did
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
