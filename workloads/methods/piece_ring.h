#pragma once

#include <algorithm>

#include "base/io.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// Buffers of a chunk each, used in turn while the kernel still holds the pages of those before: as many as the job can
/// keep busy, in a few MiB of memory.
class PieceRing {
 public:
  PieceRing(uint64_t bytes, uint64_t job_size, size_t alignment = 4096)
      : bytes_(bytes),
        stride_((bytes + alignment - 1) / alignment * alignment),
        count_(static_cast<unsigned>(
            std::clamp<uint64_t>(std::min(kMemory / stride_, (job_size + bytes - 1) / bytes), 1, kMost))),
        memory_(make_buffer(stride_ * count_, alignment)) {}

  unsigned count() const { return count_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t stride() const { return stride_; }  ///< from one to the next: they share no page
  char* at(unsigned piece) const { return reinterpret_cast<char*>(memory_.get()) + piece * stride_; }

 private:
  static constexpr uint64_t kMemory = 4 << 20, kMost = 16;
  uint64_t bytes_, stride_;
  unsigned count_;
  Buffer memory_;
};

}  // namespace zctrace::workloads
