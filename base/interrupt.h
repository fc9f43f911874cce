#pragma once

namespace zctrace {

/// While it lives, Ctrl-C (SIGINT) and SIGTERM are counted instead of ending the process; the fourth ends it
/// all the same.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// How often since the guard was made.
  static int count();
};

}  // namespace zctrace
