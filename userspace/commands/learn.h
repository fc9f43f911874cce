#pragma once

#include <CLI/CLI.hpp>

namespace zctrace::commands {

/// `zctrace learn`: the guided tour, in the terminal or as a page, each step on a measurement made meanwhile.
void add_learn(CLI::App& app);

}  // namespace zctrace::commands
