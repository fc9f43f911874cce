#pragma once

#include <chrono>
#include <optional>

#include "userspace/commands/support/prometheus.h"
#include "userspace/record/program_trace.h"
#include "userspace/record/targets.h"

namespace zctrace::commands {

/// Traces, looking every `pause`, until the time is over, the person has seen enough, or there is nothing left to
/// trace, which is said on standard error.
void follow(record::ProgramTrace& trace, const record::Targets& targets,
            std::optional<std::chrono::steady_clock::duration> time, std::chrono::milliseconds pause,
            PrometheusExport& metrics);

}  // namespace zctrace::commands
