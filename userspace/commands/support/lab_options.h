#pragma once

#include <string>
#include <vector>

#include "base/command_line.h"

namespace zctrace::commands {

/// What is asked of the lab's guest.
struct LabOptions {
  std::string append;                ///< kernel parameters
  std::vector<std::string> on_disk;  ///< folders that the guest gets on its own disk
};

void add_append_option(Command& command, LabOptions& options);
void add_on_disk_option(Command& command, LabOptions& options);

/// Throws Error (usage) where they are asked for and no guest is booted: `kernel` is empty then, as choose_kernel has
/// it.
void check_lab_options(const LabOptions& options, const std::string& kernel);

}  // namespace zctrace::commands
