#include "workloads/run/throughput.h"

#include <fmt/core.h>

namespace zctrace::workloads {

std::string throughput_text(uint64_t bytes, double seconds) {
  return fmt::format("{} {} in {:.4f} s, {:.1f} MB/s", bytes, bytes == 1 ? "byte" : "bytes", seconds,
                     seconds > 0 ? static_cast<double>(bytes) / seconds / 1e6 : 0.0);
}

}  // namespace zctrace::workloads
