#pragma once

#include <array>

#include "base/fd.h"

namespace zctrace::commands {

/// While it lives, /dev/null stands where a command that is started meanwhile would get in the way of a view: for
/// standard output, which is the view's, and on a screen also for what else is a terminal.
class ScopedDevNull {
 public:
  explicit ScopedDevNull(bool screen);
  ~ScopedDevNull();
  ScopedDevNull(const ScopedDevNull&) = delete;
  ScopedDevNull& operator=(const ScopedDevNull&) = delete;

 private:
  std::array<Fd, 3> kept_;
};

}  // namespace zctrace::commands
