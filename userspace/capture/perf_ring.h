#pragma once

#include <linux/perf_event.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace zctrace::capture {

/// What the kernel writes for a perf event, and for those whose output is set to it.
class PerfRing {
 public:
  /// `record`: what follows the header, rounded up to 8 bytes.
  using Take = std::function<void(const perf_event_header& header, std::span<const uint64_t> record)>;

  /// `pages`: a power of two. Throws Error.
  PerfRing(int fd, size_t pages);
  ~PerfRing();
  PerfRing(const PerfRing&) = delete;
  PerfRing& operator=(const PerfRing&) = delete;

  int fd() const { return fd_; }

  /// Hands over what is there; returns how many records were lost before.
  uint64_t read(const Take& take);

 private:
  void copy(void* to, uint64_t from, size_t bytes) const;

  const int fd_;
  const size_t page_, pages_;
  void* memory_;
  std::vector<uint64_t> record_;
};

}  // namespace zctrace::capture
