#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace show FILE.json...`: each run of the files as a picture with its figures.
void add_show(CLI::App& app);

}  // namespace zctrace::commands
