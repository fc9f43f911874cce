#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>

#include "base/fd.h"

namespace zctrace {

/// A signal that came to us.
struct Received {
  int number = 0;
  bool whole_group = false;  ///< the terminal sent it to our whole process group (Ctrl-C, Ctrl-Z, a new size, ...)
  pid_t sender = 0;          ///< 0: the kernel
  bool queued = false;       ///< by sigqueue, which has no groups
};

/// What a terminal's stop signals (Ctrl-Z, reading in the background) do meanwhile.
enum class Stops {
  keep,  ///< they are kept as all others
  act,   ///< they stop us
};

/// While it lives, signals to this process are kept for next(), all but those of its own faults; SIGKILL and SIGSTOP
/// cannot be kept. Threads and programs started meanwhile inherit that unless they restore before().
class Signals {
 public:
  explicit Signals(Stops stops = Stops::keep);
  /// What has not been taken by now is forgotten.
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Readable when there is one.
  int fd() const { return fd_.get(); }
  /// The next one, without waiting.
  std::optional<Received> next();
  /// The mask as it was.
  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_;
  Fd fd_;
};

}  // namespace zctrace
