#pragma once

#include "userspace/export/exporter.h"
#include "userspace/export/trace_writer.h"

namespace zctrace::exports {

/// Lays runs out as processes and tracks. Of each run three processes: the sender's and the receiver's with a track per
/// task (its calls with the copies, faults and marks inside) and one for its time off the CPU; and the kernel's with
/// the run itself, softirqs by CPU, disk requests and transmits. All runs begin at time zero, side by side.
std::unique_ptr<Exporter> trace_exporter(std::unique_ptr<TraceWriter> writer);

}  // namespace zctrace::exports
