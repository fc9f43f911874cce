#include "model/timeline/rates.h"

#include <algorithm>
#include <functional>

#include "model/timeline/flow_match.h"

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
  now_ = all_ = {};
  for (const Change& change : changes_.take(flows)) {
    Motion sum = motion_of(*change.flow), last = motion_of(change.more);
    sum.ns = at_ns;
    last.ns = interval;
    add(all_, sum);
    add(now_, last);
    const uint64_t idle = at_ns - std::min(at_ns, total(*change.flow).last_ns);
    list_.push_back({*change.flow, last, sum, idle > quiet_after_ns_});
  }
  now_.ns = interval;
  all_.ns = at_ns;
}

std::vector<FlowRate> connections_together(const std::vector<FlowRate>& list) {
  Flows flows;
  for (const FlowRate& rate : list) flows.list.push_back(rate.flow);
  const AlikeFlows alike(flows, Alike::clients);
  std::vector<FlowRate> together;
  for (const auto& group : alike.groups()) {
    const FlowRate& first = list[group.front()];
    FlowRate& sum = together.emplace_back(FlowRate{alike.flow(group), {}, {}, true});
    sum.now.ns = first.now.ns;
    sum.all.ns = first.all.ns;
    for (const size_t i : group) {
      add(sum.now, list[i].now);
      add(sum.all, list[i].all);
      sum.quiet = sum.quiet && list[i].quiet;
    }
  }
  std::ranges::stable_sort(together, std::greater{}, [](const FlowRate& rate) { return rate.all.bytes; });
  return together;
}

}  // namespace zctrace::timeline
