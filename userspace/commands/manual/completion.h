#pragma once

#include <string>

#include "base/command_text.h"

/// Completion of our command line: commands, options, the values that are known (methods, kernels), files elsewhere.
namespace zctrace::commands {

std::string bash_completion(const CommandText& program);
std::string zsh_completion(const CommandText& program);
std::string fish_completion(const CommandText& program);

}  // namespace zctrace::commands
