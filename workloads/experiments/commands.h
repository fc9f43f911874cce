#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::workloads {

/// `zctrace-workload experiment NAME`, and the programs that experiments start.
void add_experiments(CLI::App& app);

}  // namespace zctrace::workloads
