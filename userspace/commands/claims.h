#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

void add_claims(CLI::App& app);

}  // namespace zctrace::commands
