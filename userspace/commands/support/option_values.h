#pragma once

#include <chrono>
#include <optional>
#include <string>

/// What stands behind an option, read.
namespace zctrace::commands {

/// The value of an option that takes seconds: "10", "0.5", "2s"; empty: nothing. Throws Error (usage).
std::optional<std::chrono::steady_clock::duration> parse_seconds(const std::string& text, const std::string& option);

}  // namespace zctrace::commands
