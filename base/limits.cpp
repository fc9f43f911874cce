#include "base/limits.h"

#include <algorithm>
#include <array>

namespace zctrace {

namespace {

struct Original {
  int resource;
  bool raised = false;
  rlimit limit{};
};
std::array<Original, 2> originals{{{RLIMIT_NOFILE}, {RLIMIT_MEMLOCK}}};

}  // namespace

void raise_limit(int resource, rlim_t wanted) {
  rlimit now{};
  if (getrlimit(resource, &now) != 0 || now.rlim_cur >= wanted) return;
  for (Original& each : originals)
    if (each.resource == resource && !each.raised) each = {resource, true, now};
  const rlimit both{wanted, std::max(now.rlim_max, wanted)};
  const rlimit within{std::min(wanted, now.rlim_max), now.rlim_max};
  if (setrlimit(resource, &both) != 0) setrlimit(resource, &within);
}

void restore_limits() {
  for (const Original& each : originals)
    if (each.raised) setrlimit(each.resource, &each.limit);
}

}  // namespace zctrace
