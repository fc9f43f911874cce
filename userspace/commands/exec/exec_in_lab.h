#pragma once

#include <string>

#include "userspace/commands/exec/request.h"

namespace zctrace::commands {

/// The same in a guest with `kernel` (a lab kernel's version, release or file), that sees this machine's files: what
/// the command writes to them is gone at the end. It runs as who we are, in our directory, with our environment. Its
/// standard streams are ours, passed through pipes. Returns its status. Throws Error.
int exec_in_lab(const ExecRequest& request, const std::string& kernel);

}  // namespace zctrace::commands
