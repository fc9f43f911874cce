#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/launch.h"
#include "userspace/commands/support/delivery.h"
#include "userspace/commands/support/lab_options.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

/// `zctrace exec`, as asked for on the command line.
struct ExecRequest {
  std::vector<std::string> command;
  record::TraceOptions trace;
  Delivery delivery;
  std::string kernel = "auto";
  LabOptions lab;
  std::string prometheus;
  std::vector<std::string> given;  ///< options as the user gave them, for a zctrace in a guest
  std::optional<Owner> owner;      ///< in a guest: who called outside
};

/// Does it in a guest with `kernel` (a lab kernel's version, release or file), that sees this machine's files: what
/// the command writes to them is gone at the end. It runs as who we are, in our directory, with our environment. Its
/// standard streams are ours, passed through pipes. Returns its status. Throws Error.
int exec_in_lab(ExecRequest& request, const std::string& kernel);

}  // namespace zctrace::commands
