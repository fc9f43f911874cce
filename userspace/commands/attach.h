#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

void add_attach(CLI::App& app);

}  // namespace zctrace::commands
