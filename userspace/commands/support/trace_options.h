#pragma once

#include "base/command_line.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

/// The words of --copies.
const std::vector<std::pair<std::string, capture::CopyMode>>& copy_modes();

/// The options that exec, attach and top have in common.
void add_trace_options(Command& command, record::TraceOptions& options);
/// Those that exec and attach have in common: which code copies; which single events are kept.
void add_stacks_option(Command& command, record::TraceOptions& options);
void add_detail_option(Command& command, record::TraceOptions& options);

}  // namespace zctrace::commands
