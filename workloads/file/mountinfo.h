#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace::workloads {

/// One line of /proc/self/mountinfo.
struct Mount {
  int id = 0;
  std::string filesystem;            ///< "ext4"
  std::string source;                ///< "/dev/vda1", "tmpfs"
  std::vector<std::string> options;  ///< of the superblock: "upperdir=/a"
  uint64_t device = 0;               ///< the kernel's s_dev (major << 20 | minor); stat may tell another
};

/// Reads one line; none if it is not one.
std::optional<Mount> parse_mount(std::string_view line);

/// The mount through which a file was opened; none if /proc does not say.
std::optional<Mount> mount_of(int fd);

}  // namespace zctrace::workloads
