#pragma once

#include <map>
#include <string>

#include "base/command_text.h"

namespace zctrace::commands {

/// A manual page for man(1), section 1, of each command that --help knows: "zctrace-run.1" -> troff. What it says is
/// what
/// --help says.
std::map<std::string, std::string> man_pages(const CommandText& program, const std::string& version);

}  // namespace zctrace::commands
