#pragma once

#include "base/fd.h"
#include "base/note.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// The source, opened once more to be read past the page cache.
struct DirectSource {
  /// Throws Error where its filesystem does not permit that.
  explicit DirectSource(const Job& job);

  uint64_t round_up(uint64_t bytes) const { return (bytes + alignment - 1) / alignment * alignment; }
  /// Memory for one round.
  uint64_t buffer_bytes() const { return round_up(chunk < size ? chunk : size); }
  uint64_t buffer_alignment() const { return alignment < 4096 ? 4096 : alignment; }
  /// Throws Error where `done` bytes, the last of which came short, are all that the file has: only its end can cut a
  /// block, and after it no aligned read is possible.
  void check_short(uint64_t done) const;

  Fd fd;
  uint64_t size;
  uint64_t alignment;       ///< of offsets, lengths and addresses, bytes
  uint64_t chunk;           ///< the job's, rounded up to that
  std::vector<Note> notes;  ///< that it was
};

}  // namespace zctrace::workloads
