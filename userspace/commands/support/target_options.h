#pragma once

#include "base/command_line.h"
#include "userspace/record/targets.h"

namespace zctrace::commands {

/// The options of attach and top that say which running programs are traced.
void add_target_options(Command& command, record::TargetRequest& request);

}  // namespace zctrace::commands
