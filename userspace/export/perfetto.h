#pragma once

#include "userspace/export/exporter.h"

namespace zctrace::exports {

/// Perfetto's protobuf: tracks, nested slices, flow arrows from a call to its copies, counters. Times in ns.
std::unique_ptr<Exporter> perfetto(Output output);

}  // namespace zctrace::exports
