#include "workloads/file/disk.h"

#include <fmt/core.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/io.h"
#include "workloads/file/mountinfo.h"

namespace zctrace::workloads {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSector = 512;

/// The block device's directory in /sys; empty if the number is no block device's.
fs::path sysfs_directory(dev_t device) {
  std::error_code error;
  return fs::canonical(fmt::format("/sys/dev/block/{}:{}", major(device), minor(device)), error);
}

/// The block device that holds the filesystem; none for memory, network and layered ones whose layers are not all
/// disks.
std::optional<dev_t> block_device(const Mount& mount, dev_t file_device) {
  if (!sysfs_directory(file_device).empty()) return file_device;
  struct stat facts {};
  // btrfs gives its files a made-up device number, but is mounted from a real one.
  if (stat(mount.source.c_str(), &facts) == 0 && S_ISBLK(facts.st_mode)) return facts.st_rdev;
  if (mount.filesystem != "overlay") return std::nullopt;

  std::optional<dev_t> found;
  for (const std::string& option : mount.options) {
    const bool upper = option.starts_with("upperdir=");
    if (!upper && !option.starts_with("lowerdir=")) continue;
    std::string_view layers = std::string_view(option).substr(sizeof("upperdir=") - 1);
    while (!layers.empty()) {
      const std::string layer(layers.substr(0, layers.find(':')));
      layers.remove_prefix(std::min(layer.size() + 1, layers.size()));
      if (stat(layer.c_str(), &facts) != 0 || sysfs_directory(facts.st_dev).empty()) return std::nullopt;
      if (upper || !found) found = facts.st_dev;
    }
  }
  return found;
}

uint64_t number_in(const fs::path& file) {
  const std::string text = read_text(file);
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Finds out where the file's bytes lie on its block device; false if the filesystem does not say exactly.
bool ask_extents(int fd, uint64_t size, Disk& disk) {
  constexpr uint32_t batch = 128;
  alignas(fiemap) std::byte memory[sizeof(fiemap) + batch * sizeof(fiemap_extent)];
  const uint64_t end = (size + kSector - 1) / kSector * kSector;
  disk.beyond = end - size;
  for (uint64_t at = 0; at < end;) {
    std::memset(memory, 0, sizeof(memory));
    fiemap* map = reinterpret_cast<fiemap*>(memory);
    map->fm_start = at;
    map->fm_length = end - at;
    map->fm_flags = FIEMAP_FLAG_SYNC;
    map->fm_extent_count = batch;
    if (ioctl(fd, FS_IOC_FIEMAP, map) < 0) return false;
    if (map->fm_mapped_extents == 0) break;  // the rest is a hole: nothing on disk
    for (uint32_t i = 0; i < map->fm_mapped_extents; ++i) {
      const fiemap_extent& extent = map->fm_extents[i];
      constexpr uint32_t vague = FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_ENCODED |
                                 FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_NOT_ALIGNED;
      if ((extent.fe_flags & vague) != 0) return false;
      // An extent may begin before and reach beyond the bytes asked for.
      const uint64_t from = std::max<uint64_t>(extent.fe_logical, at);
      const uint64_t until = std::min<uint64_t>(extent.fe_logical + extent.fe_length, end);
      if (from < until) {
        const uint64_t first = (extent.fe_physical + from - extent.fe_logical) / kSector;
        disk.parts.push_back({{first, (until - from) / kSector}, from});
        if (until == end) disk.last_sector = first + (until - from) / kSector - 1;
      }
      at = std::max<uint64_t>(at, extent.fe_logical + extent.fe_length);
      if ((extent.fe_flags & FIEMAP_EXTENT_LAST) != 0) at = end;
    }
  }
  return true;
}

}  // namespace

std::vector<Extent> merge_extents(std::vector<Extent> extents) {
  std::erase_if(extents, [](const Extent& extent) { return extent.sectors == 0; });
  std::sort(extents.begin(), extents.end(),
            [](const Extent& a, const Extent& b) { return a.first_sector < b.first_sector; });
  std::vector<Extent> merged;
  for (const Extent& extent : extents) {
    if (merged.empty() || merged.back().first_sector + merged.back().sectors < extent.first_sector) {
      merged.push_back(extent);
    } else {
      const uint64_t end =
          std::max(merged.back().first_sector + merged.back().sectors, extent.first_sector + extent.sectors);
      merged.back().sectors = end - merged.back().first_sector;
    }
  }
  return merged;
}

Disk find_disk(int fd, uint64_t size) {
  Disk disk;
  const Mount mount = mount_of(fd).value_or(Mount{0, "unknown", "unknown", {}});
  disk.filesystem = mount.filesystem;
  disk.device = mount.source;
  struct stat facts {};
  if (fstat(fd, &facts) < 0) return disk;
  const std::optional<dev_t> device = block_device(mount, facts.st_dev);
  if (!device) return disk;

  fs::path directory = sysfs_directory(*device);
  disk.device = directory.filename();
  // A file's place is known where its own filesystem names it and lies on the disk without a layer between (LVM, LUKS).
  bool direct = *device == facts.st_dev;
  uint64_t partition_start = 0;
  std::error_code error;
  for (;;) {
    if (fs::exists(directory / "partition", error)) {
      partition_start = number_in(directory / "start");
      directory = directory.parent_path();
    }
    fs::directory_iterator below(directory / "slaves", error);
    if (error || below == fs::directory_iterator()) break;
    direct = false;
    directory = fs::canonical(below->path(), error);
    if (error) return disk;
  }
  const std::string number = read_text(directory / "dev");
  std::sscanf(number.c_str(), "%u:%u", &disk.disk_major, &disk.disk_minor);
  // Virtual disks (loop, zram) are memory or files. NVMe's are called virtual as well where they have several paths.
  const std::string place = directory.string();
  disk.dma = place.find("/devices/virtual/") == place.npos || place.find("/nvme-subsystem/") != place.npos;

  if (!direct) return disk;
  disk.extents_known = ask_extents(fd, size, disk);
  for (FilePart& part : disk.parts) {
    part.extent.first_sector += partition_start;
    disk.extents.push_back(part.extent);
  }
  disk.extents = merge_extents(std::move(disk.extents));
  disk.last_sector += partition_start;
  return disk;
}

}  // namespace zctrace::workloads
