#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/child.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// A sender process whose receivers, which are ours, stop reading midway, so that it blocks in a system call.
class HaltedSender {
 public:
  /// Starts it on `source` over loopback and returns when it blocks. Throws Error, also if it does not block.
  HaltedSender(const Method& method, int source, std::span<const std::byte> content, uint64_t chunk);

  pid_t pid() const { return child_->pid(); }
  uint64_t received_bytes() const;                   ///< by us, over all connections
  uint64_t queued_bytes() const { return queued_; }  ///< what more the kernel had taken from the sender when it blocked
  /// The system call it blocks in, "sendfile"; empty where the kernel does not tell.
  const std::string& blocked_in() const { return blocked_in_; }

  /// Lets it go on to its end. Throws Error where what arrives differs from the content.
  void finish();

 private:
  struct Receiver {
    Fd listener, connection;
    int port = 0;
    uint64_t received = 0;
  };

  void start(const Method& method, int source, uint64_t chunk);
  /// Reads up to so many bytes from each connection, and compares.
  void receive_until(uint64_t limit);
  void await_block();
  /// Waits until it can be read; throws when the sender dies or it takes too long.
  void await_readable(int fd, const char* what);
  void check_alive();

  std::span<const std::byte> content_;
  std::vector<Receiver> receivers_;
  std::unique_ptr<Child> child_;
  Fd gate_;
  uint64_t queued_ = 0;
  std::string blocked_in_;
};

}  // namespace zctrace::workloads
