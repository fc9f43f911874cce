#include "model/timeline/rates.h"

#include <algorithm>

namespace zctrace::timeline {

namespace {

void add(Motion& motion, const Motion& part) {
  motion.bytes += part.bytes;
  motion.calls += part.calls;
  motion.mode_switches += part.mode_switches;
  motion.cpu_bytes += part.cpu_bytes;
  motion.transform_bytes += part.transform_bytes;
  motion.uncopied_bytes += part.uncopied_bytes;
  if (part.bytes != 0) motion.copies = std::max(motion.copies, part.copies);
}

Motion motion_of(const Flow& flow) {
  Motion sum;
  for (const FlowPart& part : flow.parts) {
    Motion motion;
    motion.bytes = part.bytes;
    motion.calls = part.calls;
    motion.mode_switches = part.mode_switches;
    motion.cpu_bytes = part.cpu_bytes;
    motion.transform_bytes = part.transform_bytes;
    motion.uncopied_bytes = uncopied_bytes(part);
    motion.copies = copies_evidence(part);
    add(sum, motion);
  }
  return sum;
}

}  // namespace

void Rates::take(const Flows& flows, uint64_t at_ns) {
  const uint64_t interval = at_ns - std::min(at_ns, all_.ns);
  list_.clear();
  quiet_ = 0;
  now_ = all_ = {};
  for (const Change& change : changes_.take(flows)) {
    Motion sum = motion_of(*change.flow), last = motion_of(change.more);
    sum.ns = at_ns;
    last.ns = interval;
    add(all_, sum);
    add(now_, last);
    const uint64_t idle = at_ns - std::min(at_ns, total(*change.flow).last_ns);
    const bool quiet = idle > quiet_after_ns_;
    quiet_ += quiet;
    list_.push_back({*change.flow, last, sum, quiet});
  }
  now_.ns = interval;
  all_.ns = at_ns;
}

}  // namespace zctrace::timeline
