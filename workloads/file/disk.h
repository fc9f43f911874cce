#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zctrace::workloads {

/// Consecutive sectors of 512 bytes on a whole disk.
struct Extent {
  uint64_t first_sector = 0;
  uint64_t sectors = 0;
  bool operator==(const Extent&) const = default;
};

/// An extent, and where in the file its first byte lies.
struct FilePart {
  Extent extent;
  uint64_t offset = 0;  ///< bytes
};

/// Sorted by place, neighbours and overlaps joined.
std::vector<Extent> merge_extents(std::vector<Extent> extents);

/// What stands behind a file.
struct Disk {
  std::string filesystem;                   ///< "ext4"; "unknown" if /proc does not say
  std::string device;                       ///< "vda1"; the mount's source where there is no block device ("tmpfs")
  bool dma = false;                         ///< a disk moves the bytes; false for memory, network and loop devices
  unsigned disk_major = 0, disk_minor = 0;  ///< the whole disk, under which block requests are issued; 0:0 if none
  std::vector<FilePart> parts;              ///< where the file's bytes lie on the whole disk, as its filesystem tells
  std::vector<Extent> extents;              ///< the same, sorted and joined
  uint64_t last_sector = 0;                 ///< the one with the file's last byte
  uint64_t beyond = 0;                      ///< bytes of it that are none of the file's
  bool extents_known = false;               ///< false: the filesystem or a layer between does not say
};

/// Looks up the disk under the first `size` bytes of an open file. Never throws: what cannot be known stays unknown.
Disk find_disk(int fd, uint64_t size);

}  // namespace zctrace::workloads
