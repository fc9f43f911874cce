#pragma once

#include "userspace/export/exporter.h"

namespace zctrace::exports {

/// Chrome's trace event JSON, strictly nested within each thread. Times in microseconds with three decimals.
std::unique_ptr<Exporter> chrome_trace(Output output);

}  // namespace zctrace::exports
