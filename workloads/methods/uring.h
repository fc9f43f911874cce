#pragma once

#include <liburing.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "base/io.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// Why this kernel, or this user's limits, let no request of these operations be made; nothing if they may be.
std::optional<Missing> missing_uring(std::initializer_list<int> operations);

/// An io_uring. All throw Error.
class Ring {
 public:
  explicit Ring(unsigned entries);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { io_uring_queue_exit(&ring_); }

  /// Memory that READ_FIXED and others name by the index of its piece: `count` pieces of `bytes` each, at `memory`.
  void register_pieces(void* memory, size_t bytes, unsigned count);

  /// A request to fill in and, by `tag`, to know its result by. There is room for as many as the ring has entries.
  io_uring_sqe& add(uint64_t tag);
  /// Submits what was added, and returns when at least so many results are there.
  void submit_and_wait(unsigned results);

  struct Result {
    uint64_t tag;
    int value;       ///< of the call that does the same, errors as -errno
    uint32_t flags;  ///< IORING_CQE_F_*
  };
  /// The oldest result that was not taken yet.
  std::optional<Result> take();
  /// Waits for it.
  Result wait();

 private:
  io_uring ring_{};
};

/// What the request moved; throws where it failed, but not where the one that it is linked behind did (0).
uint64_t moved_by(const Ring::Result& result, const char* doing);

}  // namespace zctrace::workloads
