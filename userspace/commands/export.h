#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace export FILE.json... --format perfetto|chrome|csv [-o OUT]`: the runs for other programs.
void add_export(CLI::App& app);

}  // namespace zctrace::commands
