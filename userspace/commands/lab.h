#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace lab list|fetch|remove`: the kernels that --kernel can boot.
void add_lab(CLI::App& app);

}  // namespace zctrace::commands
