#pragma once

#include <memory>

#include "base/command_line.h"
#include "model/timeline/flow.h"

namespace zctrace::commands {

/// The options that say which flows are shown: --min-bytes, --process, --path, --port, --all-flows. What they returned
/// is filled when the command is called.
std::shared_ptr<timeline::FlowFilter> add_flow_options(Command& command);

}  // namespace zctrace::commands
