#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace compare FILE.json...`: the runs of the files side by side, their differences marked.
void add_compare(CLI::App& app);

}  // namespace zctrace::commands
