#include "userspace/live/rates.h"

#include <algorithm>

namespace zctrace::live {

using timeline::Flow;
using timeline::FlowPart;
using timeline::Flows;

namespace {

void add(Motion& motion, const Motion& part) {
  motion.bytes += part.bytes;
  motion.calls += part.calls;
  motion.mode_switches += part.mode_switches;
  motion.cpu_bytes += part.cpu_bytes;
  motion.uncopied_bytes += part.uncopied_bytes;
  motion.copies_known = motion.copies_known && (part.copies_known || part.bytes == 0);
}

Motion motion_of(const Flow& flow) {
  Motion sum;
  for (const FlowPart& part : flow.parts) {
    Motion motion;
    motion.bytes = part.bytes;
    motion.calls = part.calls;
    motion.mode_switches = part.mode_switches;
    motion.cpu_bytes = part.cpu_bytes;
    motion.uncopied_bytes = part.bytes - std::min(part.bytes, part.cpu_bytes);
    motion.copies_known = part.copies_known;
    add(sum, motion);
  }
  return sum;
}

/// What was counted once can be put down to another flow later: that is no motion backwards.
uint64_t since(uint64_t now, uint64_t before) { return now - std::min(now, before); }

Motion between(const Motion& before, const Motion& after) {
  Motion motion;
  motion.ns = since(after.ns, before.ns);
  motion.bytes = since(after.bytes, before.bytes);
  motion.calls = since(after.calls, before.calls);
  motion.mode_switches = since(after.mode_switches, before.mode_switches);
  motion.cpu_bytes = since(after.cpu_bytes, before.cpu_bytes);
  motion.uncopied_bytes = since(after.uncopied_bytes, before.uncopied_bytes);
  motion.copies_known = after.copies_known;
  return motion;
}

}  // namespace

Rates::Key Rates::key_of(const Flow& flow) {
  const auto end = [](const timeline::FlowEnd& of) { return EndKey{of.kind, of.device, of.inode, of.name}; };
  return {end(flow.from), end(flow.to)};
}

void Rates::take(const Flows& flows, uint64_t at_ns) {
  const uint64_t interval = since(at_ns, all_.ns);
  std::map<Key, Seen> seen;
  list_.clear();
  aged_out_ = 0;
  now_ = {};
  all_ = {};
  now_.ns = interval;
  all_.ns = at_ns;
  for (const Flow& flow : flows.list) {
    Key key = key_of(flow);
    const auto before = seen_.find(key);
    Seen state = before == seen_.end() ? Seen{{}, at_ns} : before->second;
    Motion sum = motion_of(flow);
    Motion last = between(state.all, sum);
    sum.ns = at_ns;
    last.ns = interval;
    if (last.bytes != 0 || last.calls != 0) state.moved_ns = at_ns;
    state.all = sum;
    add(all_, sum);
    add(now_, last);
    const uint64_t idle = at_ns - state.moved_ns;
    seen.emplace(std::move(key), std::move(state));
    if (idle > age_out_ns_)
      ++aged_out_;
    else
      list_.push_back({flow, last, sum, idle});
  }
  seen_ = std::move(seen);
}

}  // namespace zctrace::live
