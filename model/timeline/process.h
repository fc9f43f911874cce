#pragma once

#include <cstdint>
#include <string>

namespace zctrace::timeline {

/// Whose bytes they were: one process while it ran one program, or several of one name.
struct Process {
  std::string command;         ///< as the kernel has it: 15 characters at most
  uint32_t pid = 0;            ///< in zctrace's PID namespace; 0: several processes, or it has none there
  uint64_t count = 1;          ///< so many processes of that name are told together
  std::string unit = {};       ///< the systemd service that it belongs to: "nginx.service"; may be empty
  std::string container = {};  ///< the container's name, or the first 12 digits of its number; may be empty
  bool operator==(const Process&) const = default;
};

}  // namespace zctrace::timeline
