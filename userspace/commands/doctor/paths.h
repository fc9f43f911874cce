#pragma once

#include "viz/terminal/style.h"

namespace zctrace::commands {

/// The map of what can touch bytes, with what the running kernel lets us say of each path, on standard output.
void print_paths(const terminal::Style& style);

}  // namespace zctrace::commands
