#include "userspace/export/prometheus/own_cost.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <fstream>

namespace zctrace::exports {

namespace {

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  (type == prometheus::MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
  return {name, help, type, {metric}};
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

OwnCost own_cost() {
  OwnCost cost;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  cost.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  if (file >> all >> resident) cost.resident_bytes = resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return cost;
}

std::vector<prometheus::MetricFamily> metrics_of(const OwnCost& cost) {
  using prometheus::MetricType;
  return {family("zctrace_agent_cpu_seconds_total", "CPU time of zctrace's own process; its hooks' is the programs'.",
                 MetricType::Counter, cost.cpu_seconds),
          family("zctrace_agent_resident_bytes", "Memory of zctrace's own process.", MetricType::Gauge,
                 static_cast<double>(cost.resident_bytes))};
}

}  // namespace zctrace::exports
