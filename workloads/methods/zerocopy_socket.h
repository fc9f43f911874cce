#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/note.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// Of the kernel's completions: how many zero-copy sends there were, and how many of them it says it copied after all.
Note completions_note(uint64_t copied, uint64_t sends, const char* flag);

extern const KernelNeed kNeedsMsgZerocopy;

/// A TCP socket whose sends lend the kernel the pages that they name, until a completion on its error queue gives them
/// back.
class ZerocopySocket {
 public:
  /// Throws Error where the socket cannot.
  explicit ZerocopySocket(int socket);

  /// Lends all of it; `piece` is whose it is. Returns the bytes, fewer only where no memory is behind the rest: a
  /// mapping beyond the end of its file. Throws Error.
  size_t send(const void* data, size_t bytes, unsigned piece);
  /// Waits until all that was lent of this piece is free.
  void wait_for(unsigned piece);
  void wait_for_all();

  Note told() const;

 private:
  /// Takes the completions that are there; waits for the first of them where `wait` says so.
  void collect(bool wait);
  void free_sends(uint32_t first, uint32_t last, bool copied);

  int socket_;
  uint32_t next_ = 0;                            ///< the kernel's number of the next send
  std::unordered_map<uint32_t, unsigned> lent_;  ///< by number of send: the piece
  std::unordered_map<unsigned, unsigned> sends_of_piece_;
  uint64_t copied_ = 0;
};

}  // namespace zctrace::workloads
