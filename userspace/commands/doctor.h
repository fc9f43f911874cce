#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

void add_doctor(CLI::App& app);

}  // namespace zctrace::commands
