#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace::workloads {

/// Reads what a sink says (gate.h), in pieces of any length.
class SinkReport {
 public:
  /// Throws Error when it is not a sink's report.
  void add(std::string_view piece);

  int port() const { return port_; }  ///< 0: it does not listen yet
  bool accepted() const { return accepted_; }
  bool complete() const { return ended_ && hashes_.size() == blocks_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t framing() const { return framing_; }  ///< that arrived beside them: of TLS records
  const std::vector<uint64_t>& hashes() const { return hashes_; }

 private:
  void read_line(const std::string& line);

  std::string unread_;
  int port_ = 0;
  bool accepted_ = false, ended_ = false;
  uint64_t bytes_ = 0, blocks_ = 0, framing_ = 0;
  std::vector<uint64_t> hashes_;
};

}  // namespace zctrace::workloads
