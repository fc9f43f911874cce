#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace zctrace::lab {

/// QEMU's machine protocol (QMP) on a connected socket. Each call waits for its answer. Throws Error (failed) where
/// QEMU refuses, has ended, or does not answer within half a minute.
class Monitor {
 public:
  explicit Monitor(Fd socket) : socket_(std::move(socket)) {}

  /// Waits until the state that the machine starts from has been read and it runs.
  void wait_until_running();
  /// Plugs in a PCI device; its properties as a JSON object, `driver` among them.
  void plug(std::string_view properties);
  /// Writes the state of the machine to a file and lets it go on.
  void save(int file);

 private:
  using Clock = std::chrono::steady_clock;

  void greet();
  /// The answer's `return`, as JSON.
  std::string execute(std::string_view command, std::string_view arguments = "{}", int passed_fd = -1);
  std::string read_line(Clock::time_point deadline);

  Fd socket_;
  std::string read_;  ///< not yet a whole line
  bool greeted_ = false;
};

}  // namespace zctrace::lab
