#include "userspace/timeline/flow.h"

#include <algorithm>

namespace zctrace::timeline {

FlowPart total(const Flow& flow) {
  FlowPart sum;
  uint64_t most = 0;
  for (const FlowPart& part : flow.parts) {
    if (part.bytes >= most) {
      most = part.bytes;
      sum.method = part.method;
      sum.link = part.link;
    }
    sum.bytes += part.bytes;
    sum.calls += part.calls;
    sum.mode_switches += part.mode_switches;
    sum.cpu_bytes += part.cpu_bytes;
    sum.copies_known = sum.copies_known && part.copies_known;
    sum.reference_bytes += part.reference_bytes;
    sum.disk_bytes += part.disk_bytes;
    if (part.first_ns != 0 && (sum.first_ns == 0 || part.first_ns < sum.first_ns)) sum.first_ns = part.first_ns;
    sum.last_ns = std::max(sum.last_ns, part.last_ns);
  }
  return sum;
}

bool is_mixed(const Flow& flow) {
  return std::ranges::count_if(flow.parts, [](const FlowPart& part) { return part.bytes != 0; }) > 1;
}

}  // namespace zctrace::timeline
