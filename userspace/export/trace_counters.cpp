#include "userspace/export/trace_counters.h"

#include <algorithm>
#include <limits>

namespace zctrace::exports {

void Counters::add(uint32_t track) {
  sums_[track] = 0;
  writer_->counter(track, 0, 0);
}

void Counters::step(uint32_t track, uint64_t at, uint64_t amount) {
  if (amount != 0) ahead_.push({at, track, amount});
}

void Counters::advance(uint64_t now) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  while (!ahead_.empty() && ahead_.top().at <= now) {
    const auto step = ahead_.top();
    ahead_.pop();
    auto& sum = sums_[step.track];
    sum += std::min(step.amount, kMost - sum);
    writer_->counter(step.track, step.at, sum);
  }
}

}  // namespace zctrace::exports
