#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace list`: the methods, their system calls, and what the documents claim of each.
void add_list(CLI::App& app);

}  // namespace zctrace::commands
