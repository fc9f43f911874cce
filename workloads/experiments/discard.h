#pragma once

#include <string>

namespace zctrace::workloads {

struct DiscardOptions {
  std::string address;     ///< to listen on, at a free port
  int receive_buffer = 0;  ///< bytes, bounds what is on the way; 0: as the kernel likes
  int report = -1;         ///< descriptor that is told "L PORT\n" (gate.h)
};

/// The receiver that costs least: takes the bytes of one connection after the other out of their sockets without
/// copying them, and closes each when its sender has. Never returns; throws Error.
[[noreturn]] void run_discard(const DiscardOptions& options);

}  // namespace zctrace::workloads
