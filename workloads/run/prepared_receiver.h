#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zctrace::workloads {

/// What is to be received, and where it may be put.
struct Reception {
  int connection;              ///< a connected socket, blocking
  uint64_t chunk;              ///< bytes per round, at least 1
  std::string work_directory;  ///< for a file; empty: default_work_directory()
  bool hashed = true;          ///< hashes() will be asked for
};

/// How a sink takes what arrives, with all its buffers, pipes and mappings at hand.
class PreparedReceiver {
 public:
  virtual ~PreparedReceiver() = default;
  /// Takes what there is, after waiting for some: how many bytes, 0 at the sender's end. All that receiving costs
  /// happens in here. Throws Error.
  virtual uint64_t receive() = 0;
  /// Of everything, after the end: one a block (file/hashes.h).
  virtual std::vector<uint64_t> hashes() = 0;
  /// Bytes that came around what was received: those of TLS records.
  virtual uint64_t framing() const { return 0; }
};

}  // namespace zctrace::workloads
