#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "userspace/lab/monitor.h"

namespace zctrace::lab {

/// The serial number by which the guest knows its disk: NVMe names swap between boots.
inline constexpr std::string_view disk_serial = "zctrace-disk";

/// The two network cards on one wire that leads nowhere else: the sender's (vmxnet3, whose offloads can be switched)
/// and the sink's (virtio-net).
inline constexpr std::string_view sender_mac = "52:54:00:7a:63:01";
inline constexpr std::string_view sink_mac = "52:54:00:7a:63:02";

/// The last of our own kernel parameters: in the guest's /proc/cmdline, what GuestRequest::append gave comes after it.
inline constexpr std::string_view last_parameter = "rdinit=/init";

/// What one QEMU is made of. The descriptors are QEMU's own numbers for connected stream sockets, and for the disk's
/// file.
struct Machine {
  std::filesystem::path qemu;
  std::filesystem::path kernel;
  std::filesystem::path initramfs;
  unsigned memory_mib = 0;
  uint64_t counter_khz = 0;  ///< counter.h; not asked for where it starts from a state
  std::string append;  ///< further kernel parameters
  int control_fd = 3;  ///< port "zctrace.control", both ways
  int out_fd = 4;      ///< port "zctrace.out"
  int err_fd = 5;      ///< port "zctrace.err"
  int in_fd = 6;       ///< port "zctrace.in"
  int data_fd = 7;     ///< port "zctrace.data"
  int console_fd = 8;  ///< the serial console
  int disk_fd = 9;     ///< raw image
  int monitor_fd = 10;
  int state_fd = -1;  ///< to start from, what Monitor::save() wrote of such a machine; -1: from the kernel's start
};

/// The command line of that machine: plain emulation of two processors, never the host's virtualization. Its disk is
/// plugged in later: the state of an NVMe cannot be saved.
std::vector<std::string> qemu_command(const Machine& machine);

/// One running QEMU and this side's ends of its wires. It is killed and reaped at the end of this object, and dies with
/// this process whatever happens to it.
class Emulator {
 public:
  /// `machine`: with the descriptors as they come. `state`: an open file to start from, or none.
  Emulator(Machine machine, const Fd& disk, const Fd& state);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  int control() const { return control_.get(); }
  int out() const { return out_.get(); }
  int err() const { return err_.get(); }
  int in() const { return in_.get(); }
  int data() const { return data_.get(); }
  int console() const { return console_.get(); }
  int complaints() const { return complaints_.get(); }  ///< QEMU's own standard error
  Monitor& monitor() { return monitor_; }

  /// For how long it was ready to run while the machine's processors were busy with others; 0 where the kernel does not
  /// tell.
  std::chrono::nanoseconds kept_waiting() const;

  void plug_disk();

 private:
  Fd control_, out_, err_, in_, data_, console_, complaints_;
  Monitor monitor_{Fd()};
  pid_t process_;
};

}  // namespace zctrace::lab
