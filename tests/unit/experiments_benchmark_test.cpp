#include <doctest/doctest.h>

#include "workloads/experiments/benchmark.h"

namespace experiments_benchmark_test {

using namespace zctrace;
using namespace zctrace::workloads;

TEST_CASE("a CPU is busy when it neither idles, waits for a disk nor is taken away") {
  // user nice system idle iowait irq softirq steal, in hundredths of a second
  const std::string before = "cpu  10 0 20 1000 50 0 5 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
  const std::string after = "cpu  60 0 70 1080 60 0 5 17 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
  // Two CPUs for a second, of which 0.8 + 0.1 + 0.1 seconds were not busy.
  CHECK(busy_ns(before, after, 1'000'000'000, 2) == 1'000'000'000);
  // The clock of idleness is coarser than ours.
  CHECK(busy_ns(before, after, 400'000'000, 2) == 0);
  CHECK(busy_ns(before, before, 5, 2) == 10);
}

}  // namespace experiments_benchmark_test
