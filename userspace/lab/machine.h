#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace::lab {

/// The serial number by which the guest knows its disk: NVMe names swap between boots.
inline constexpr std::string_view disk_serial = "zctrace-disk";

/// The two network cards on one wire that leads nowhere else: the sender's (vmxnet3, whose offloads can be switched)
/// and the sink's (virtio-net).
inline constexpr std::string_view sender_mac = "52:54:00:7a:63:01";
inline constexpr std::string_view sink_mac = "52:54:00:7a:63:02";

/// What one QEMU is made of. The descriptors are QEMU's own numbers for connected stream sockets, and for the disk's
/// file.
struct Machine {
  std::filesystem::path qemu;
  std::filesystem::path kernel;
  std::filesystem::path initramfs;
  unsigned memory_mib = 0;
  int control_fd = 3;  ///< port "zctrace.control", both ways
  int out_fd = 4;      ///< port "zctrace.out"
  int err_fd = 5;      ///< port "zctrace.err"
  int in_fd = 6;       ///< port "zctrace.in"
  int data_fd = 7;     ///< port "zctrace.data"
  int console_fd = 8;  ///< the serial console
  int disk_fd = 9;     ///< raw image
};

/// The command line of that machine: plain emulation of two processors, never the host's virtualization.
std::vector<std::string> qemu_command(const Machine& machine);

}  // namespace zctrace::lab
