#pragma once

#include "userspace/record/measurement.h"

namespace zctrace::record {

/// What the transfer costs the CPU: runs it again and again, hooking nothing, until there are enough samples, for some
/// seconds at most. No Measurement may be there meanwhile. Throws Error.
timeline::CpuCost sample_cpu(const MeasurementOptions& options, const workloads::Method& method,
                             terminal::Progress& progress);

}  // namespace zctrace::record
