#include "workloads/experiments/memory_search.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

constexpr size_t kWindow = 1U << 20;

/// Calls `take` with every piece of the region that can be read. Neighbours overlap by a byte less than a block, so
/// that a block is whole in one of them. Returns how many bytes could be read.
uint64_t read_region(const Fd& memory, const Region& region,
                     const std::function<void(std::span<const std::byte>)>& take) {
  static const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<std::byte> window(kBlock - 1 + kWindow);
  size_t kept = 0;  // bytes at the window's start that the last piece ended with
  uint64_t read_bytes = 0;
  for (uint64_t at = region.begin; at < region.end;) {
    const size_t wanted = std::min<uint64_t>(kWindow, region.end - at);
    const ssize_t got =
        uninterrupted([&] { return pread(memory.get(), window.data() + kept, wanted, static_cast<off_t>(at)); });
    if (got <= 0) {
      at = (at / page + 1) * page;
      kept = 0;
      continue;
    }
    at += static_cast<uint64_t>(got);
    read_bytes += static_cast<uint64_t>(got);
    const size_t filled = kept + static_cast<size_t>(got);
    take({window.data(), filled});
    kept = std::min(filled, kBlock - 1);
    std::memmove(window.data(), window.data() + filled - kept, kept);
  }
  return read_bytes;
}

}  // namespace

MarkedPayload::MarkedPayload(size_t blocks) : bytes_(blocks * kBlock) {
  for (size_t filled = 0; filled < bytes_.size();) {
    const ssize_t got = uninterrupted([&] { return getrandom(&bytes_[filled], bytes_.size() - filled, 0); });
    if (got < 0) throw system_error("making a random payload");
    filled += static_cast<size_t>(got);
  }
  for (uint64_t block = 1; block < blocks; ++block) {
    std::memcpy(&bytes_[block * kBlock], bytes_.data(), sizeof(uint64_t));
    std::memcpy(&bytes_[block * kBlock + sizeof(uint64_t)], &block, sizeof(block));
  }
  std::memset(&bytes_[sizeof(uint64_t)], 0, sizeof(uint64_t));  // the first block's number
}

std::optional<size_t> MarkedPayload::block_at(std::span<const std::byte> memory) const {
  if (memory.size() < kBlock || std::memcmp(memory.data(), bytes_.data(), sizeof(uint64_t)) != 0) return std::nullopt;
  uint64_t block = 0;
  std::memcpy(&block, memory.data() + sizeof(uint64_t), sizeof(block));
  if (block >= blocks() || std::memcmp(memory.data(), &bytes_[block * kBlock], kBlock) != 0) return std::nullopt;
  return block;
}

std::optional<Region> parse_region(const std::string& line) {
  // "7f10-7f20 r--p 00000000 103:01 1234   /usr/lib/name"
  Region region;
  unsigned long begin = 0, end = 0, inode = 0;
  int name = 0;
  if (std::sscanf(line.c_str(), "%lx-%lx %*s %*s %*s %lu %n", &begin, &end, &inode, &name) != 3) return std::nullopt;
  region.begin = begin;
  region.end = end;
  region.inode = inode;
  region.name = line.substr(static_cast<size_t>(name));
  return region;
}

Found find_payload(pid_t pid, const MarkedPayload& payload, uint64_t inode) {
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  const Fd memory(open(fmt::format("/proc/{}/mem", pid).c_str(), O_RDONLY | O_CLOEXEC));
  if (!maps || !memory) throw system_error("reading the sender's memory");
  Found found;
  std::vector<bool> seen(payload.blocks()), mapped(payload.blocks());
  for (std::string line; std::getline(maps, line);) {
    const std::optional<Region> region = parse_region(line);
    if (!region) continue;
    const std::span<const std::byte> mark = payload.mark();
    const uint64_t read_bytes = read_region(memory, *region, [&](std::span<const std::byte> piece) {
      for (;;) {
        const void* place = memmem(piece.data(), piece.size(), mark.data(), mark.size());
        if (place == nullptr) return;
        piece = piece.subspan(static_cast<size_t>(static_cast<const std::byte*>(place) - piece.data()));
        if (const auto block = payload.block_at(piece)) {
          seen[*block] = true;
          if (region->inode == inode) mapped[*block] = true;
        }
        piece = piece.subspan(1);
      }
    });
    ++found.regions;
    found.searched_bytes += read_bytes;
    if (read_bytes < region->end - region->begin) {
      found.unreadable.push_back(region->name.empty() ? "(no name)" : region->name);
    }
  }
  if (found.searched_bytes == 0) throw Error(ExitStatus::failed, "none of the sender's memory could be read");
  found.visible_bytes = static_cast<uint64_t>(std::count(seen.begin(), seen.end(), true)) * kBlock;
  found.mapped_bytes = static_cast<uint64_t>(std::count(mapped.begin(), mapped.end(), true)) * kBlock;
  return found;
}

}  // namespace zctrace::workloads
