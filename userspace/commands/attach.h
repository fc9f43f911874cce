#pragma once

#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace zctrace::commands {

void add_attach(CLI::App& app);

/// The values of -p, and of options that take seconds ("10", "0.5", "2s"; empty: nothing). Throw Error (usage).
pid_t parse_pid(const std::string& text);
std::optional<std::chrono::steady_clock::duration> parse_seconds(const std::string& text, const std::string& option);

}  // namespace zctrace::commands
