#include "model/timeline/changes.h"

#include <algorithm>

namespace zctrace::timeline {

namespace {

constexpr uint64_t FlowPart::*kSums[] = {
    &FlowPart::bytes,         &FlowPart::repeated_bytes,    &FlowPart::calls,           &FlowPart::requests,
    &FlowPart::mode_switches, &FlowPart::cpu_bytes,         &FlowPart::reference_bytes, &FlowPart::transform_bytes,
    &FlowPart::disk_bytes,    &FlowPart::unexplained_bytes, &FlowPart::written_bytes,   &FlowPart::written_later_bytes};

uint64_t since(uint64_t now, uint64_t before) { return now - std::min(now, before); }

}  // namespace

Changes::Ends Changes::ends_of(const Flow& flow) {
  const auto end = [](const FlowEnd& of) { return End{of.kind, of.device, of.inode}; };
  const Process process = flow.process.value_or(Process{});
  return {{end(flow.from), end(flow.to)}, {process.command, process.pid, process.unit, process.container}};
}

Changes::Ends Changes::fold_of(const Ends& ends) {
  const auto& [both, whose] = ends;
  const auto& [command, pid, unit, container] = whose;
  return {{{std::get<0>(both.first), 0, 0}, {std::get<0>(both.second), 0, 0}}, {command, 0, unit, container}};
}

Changes::Sums Changes::sums_of(const Flow& flow) {
  Sums sums;
  for (const FlowPart& part : flow.parts) sums.parts[{part.method, part.link}] = part;
  sums.sent = flow.sent_bytes;
  sums.sent_linear = flow.sent_linear_bytes;
  return sums;
}

void Changes::Sums::add(const Sums& more) {
  for (const auto& [way, part] : more.parts) {
    FlowPart& sum = parts[way];
    for (const auto field : kSums) sum.*field += part.*field;
  }
  sent += more.sent;
  sent_linear += more.sent_linear;
}

std::vector<Change> Changes::take(const Flows& flows) {
  std::map<Ends, Sums> now;
  for (const Flow& flow : flows.list) now[ends_of(flow)] = sums_of(flow);
  // What has gone from the list was folded, and was counted before.
  for (const auto& [ends, sums] : before_)
    if (!now.contains(ends)) before_[fold_of(ends)].add(sums);

  std::vector<Change> changes;
  for (const Flow& flow : flows.list) {
    const auto known = before_.find(ends_of(flow));
    Change& change = changes.emplace_back(Change{&flow, flow});
    if (known == before_.end()) continue;
    const Sums& sums = known->second;
    for (FlowPart& part : change.more.parts)
      if (const auto old = sums.parts.find({part.method, part.link}); old != sums.parts.end())
        for (const auto field : kSums) part.*field = since(part.*field, old->second.*field);
    change.more.sent_bytes = since(flow.sent_bytes, sums.sent);
    change.more.sent_linear_bytes = since(flow.sent_linear_bytes, sums.sent_linear);
  }
  before_ = std::move(now);
  return changes;
}

}  // namespace zctrace::timeline
