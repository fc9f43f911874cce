#pragma once

#include <poll.h>

#include <string>

namespace zctrace::lab {

/// What is read here and sent to a guest's port, no faster than the guest takes it: pieces, each of four bytes of
/// length (little endian) and so many bytes; a length of 0 is the end.
class Feed {
 public:
  /// `from`: the descriptor to read, -1 for none: then the end comes at once.
  Feed(int from, int to);

  /// What to wait for before the next turn.
  pollfd wants() const;
  /// Passes on what there is, without waiting.
  void turn();

 private:
  void read_some();

  int from_, to_;
  std::string pending_;  ///< read, not yet sent
  bool ended_ = false;
};

}  // namespace zctrace::lab
