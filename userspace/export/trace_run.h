#pragma once

#include "model/timeline/model.h"
#include "userspace/export/trace_writer.h"

namespace zctrace::exports {

/// The run as one slice of `track`, with all that is known of it: what was run where, the figures, the evidence, what
/// was lost.
void write_run(TraceWriter& writer, uint32_t track, const timeline::Run& run, const timeline::Ledger& ledger);

}  // namespace zctrace::exports
