#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/run/registry.h"

namespace zctrace::workloads {

struct SenderOptions {
  const Method* method = nullptr;
  std::string source;              ///< path, also /proc/self/fd/N of an inherited descriptor
  std::optional<uint64_t> size;    ///< bytes; without: the whole file
  uint64_t chunk = 64 * 1024;      ///< bytes
  std::vector<std::string> sinks;  ///< "ADDRESS:PORT", or the path of a file or a pipe; as many as the method feeds
  bool stays = false;              ///< at the end, until killed: what it costs is being measured
  int gate = -1;                   ///< descriptor for the letters of gate.h; -1: alone, prints its throughput
};

/// Connects, prepares, waits at the gate, transfers, and returns when the sinks have closed. What is in a file or a
/// pipe has arrived: nobody waits for the disk or for the reader. Throws Error.
void run_sender(const SenderOptions& options);

}  // namespace zctrace::workloads
