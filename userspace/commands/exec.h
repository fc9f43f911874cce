#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "userspace/commands/delivery.h"
#include "userspace/commands/program_trace.h"
#include "userspace/program/launch.h"

namespace zctrace::commands {

/// `zctrace exec`, as asked for on the command line.
struct ExecRequest {
  std::vector<std::string> command;
  TraceOptions trace;
  Delivery delivery;
  std::string kernel = "auto";
  std::string prometheus;
  std::optional<program::Owner> owner;  ///< in a guest: who called outside
};

void add_exec(CLI::App& app);

/// Cuts the command that `exec` or `top` is to run off the arguments, after "--" or where the first word stands that is
/// no option of ours: its own options are none. Returns how many arguments are left.
int cut_command(const CLI::App& app, int argc, const char* const* argv);
/// What it found.
const std::vector<std::string>& cut_words();

/// What was closed when we were started is open for us, lest our files take its place, and closed for the command.
void keep_standard_streams();

}  // namespace zctrace::commands
