#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace report FILE.json... -o X.html`: the runs of the files as one self-contained page.
void add_report(CLI::App& app);

}  // namespace zctrace::commands
