#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/launch.h"
#include "userspace/commands/support/delivery.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

/// `zctrace exec`, as asked for on the command line.
struct ExecRequest {
  std::vector<std::string> command;
  record::TraceOptions trace;
  Delivery delivery;
  std::string kernel = "auto";
  std::string prometheus;
  std::vector<std::string> given;  ///< options as the user gave them, for a zctrace in a guest
  std::optional<Owner> owner;      ///< in a guest: who called outside
};

}  // namespace zctrace::commands
