#pragma once

#include <array>

#include "base/fd.h"

namespace zctrace::commands {

/// While it lives, /dev/null stands where a command that is started meanwhile would get in the way of a view: for
/// standard output, which is the view's, and on a screen also for what else is a terminal.
class StreamsAside {
 public:
  explicit StreamsAside(bool screen);
  ~StreamsAside();
  StreamsAside(const StreamsAside&) = delete;
  StreamsAside& operator=(const StreamsAside&) = delete;

 private:
  std::array<Fd, 3> kept_;
};

}  // namespace zctrace::commands
