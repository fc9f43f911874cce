#pragma once

#include <queue>
#include <vector>

#include "userspace/export/trace_writer.h"

namespace zctrace::exports {

/// Sums over time, told of in any order that is not more than a call's length off. Holds what is still to come.
class Counters {
 public:
  explicit Counters(TraceWriter& writer) : writer_(&writer) {}

  /// Starts it at zero.
  void add(uint32_t track);
  /// `amount` more at that time, on a counter that was added.
  void step(uint32_t track, uint64_t at, uint64_t amount);
  /// Nothing earlier than `now` will come any more.
  void advance(uint64_t now);

 private:
  struct Step {
    uint64_t at;
    uint32_t track;
    uint64_t amount;
    bool operator>(const Step& other) const { return at > other.at; }
  };

  TraceWriter* writer_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> ahead_;
  std::unordered_map<uint32_t, uint64_t> sums_;
};

}  // namespace zctrace::exports
