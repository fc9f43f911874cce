#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

void add_top(CLI::App& app);

}  // namespace zctrace::commands
