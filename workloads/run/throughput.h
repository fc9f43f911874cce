#pragma once

#include <cstdint>
#include <string>

namespace zctrace::workloads {

/// "4194304 bytes in 0.0120 s, 349.5 MB/s" (1 MB is 1,000,000 bytes).
std::string throughput_text(uint64_t bytes, double seconds);

}  // namespace zctrace::workloads
