#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <vector>

namespace zctrace::exports {

/// What zctrace's own process has cost this machine; what its hooks cost the programs they are in is theirs.
struct OwnCost {
  double cpu_seconds = 0;       ///< user and system, since it started: getrusage
  uint64_t resident_bytes = 0;  ///< now: /proc/self/statm
};
OwnCost own_cost();
std::vector<prometheus::MetricFamily> metrics_of(const OwnCost& cost);

}  // namespace zctrace::exports
