#include "workloads/run/sink_report.h"

#include <fmt/core.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "workloads/run/gate.h"

namespace zctrace::workloads {

void SinkReport::add(std::string_view piece) {
  unread_ += piece;
  while (!ended_) {
    const size_t end = unread_.find('\n');
    if (end == unread_.npos) return;
    read_line(unread_.substr(0, end));
    unread_.erase(0, end + 1);
  }
  const size_t whole = unread_.size() / sizeof(uint64_t);
  const size_t known = hashes_.size();
  hashes_.resize(known + whole);
  if (whole > 0) std::memcpy(&hashes_[known], unread_.data(), whole * sizeof(uint64_t));
  unread_.erase(0, whole * sizeof(uint64_t));
}

void SinkReport::read_line(const std::string& line) {
  const char kind = line.empty() ? '\0' : line[0];
  if (kind == kListening && std::sscanf(line.c_str() + 1, "%d", &port_) == 1) return;
  if (kind == kEnd &&
      std::sscanf(line.c_str() + 1, "%" SCNu64 " %" SCNu64 " %" SCNu64, &bytes_, &blocks_, &framing_) == 3) {
    ended_ = true;
    return;
  }
  if (kind == kReceived && line.size() == 1) return;
  if (kind == kAccepted && line.size() == 1) {
    accepted_ = true;
    return;
  }
  throw Error(ExitStatus::failed, fmt::format("the sink reported something unknown: '{}'", line),
              "zctrace and zctrace-workload must come from the same build");
}

}  // namespace zctrace::workloads
