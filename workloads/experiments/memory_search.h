#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Finds a payload in another process's memory.
namespace zctrace::workloads {

inline constexpr size_t kBlock = 4096;  ///< bytes, of the payload's blocks

/// A payload of random bytes, whose every block begins with a mark that occurs nowhere else.
class MarkedPayload {
 public:
  explicit MarkedPayload(size_t blocks);

  std::span<const std::byte> bytes() const { return bytes_; }
  size_t blocks() const { return bytes_.size() / kBlock; }

  /// Which block the memory begins with, whole and unaltered.
  std::optional<size_t> block_at(std::span<const std::byte> memory) const;
  /// What every block begins with.
  std::span<const std::byte> mark() const { return {bytes_.data(), sizeof(uint64_t)}; }

 private:
  std::vector<std::byte> bytes_;
};

/// One line of /proc/PID/maps.
struct Region {
  uint64_t begin = 0, end = 0;  ///< addresses
  uint64_t inode = 0;           ///< 0: no file is mapped there
  std::string name;             ///< "[stack]", a path, or empty
};

std::optional<Region> parse_region(const std::string& line);

struct Found {
  uint64_t visible_bytes = 0;           ///< blocks found anywhere, each counted once
  uint64_t mapped_bytes = 0;            ///< blocks found in mappings of the source
  uint64_t regions = 0;                 ///< that were searched
  uint64_t searched_bytes = 0;          ///< that could be read
  std::vector<std::string> unreadable;  ///< regions that could not be read, or not wholly
};

/// Reads the whole address space of a process of ours that stands still. `inode` is the source's. Throws Error.
Found find_payload(pid_t pid, const MarkedPayload& payload, uint64_t inode);

}  // namespace zctrace::workloads
