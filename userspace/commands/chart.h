#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace chart FILE.json...`: a picture of the files' runs as SVG.
void add_chart(CLI::App& app);

}  // namespace zctrace::commands
