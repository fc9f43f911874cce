#pragma once

#include <map>
#include <string>

#include "base/command_text.h"

namespace zctrace::commands {

/// Manual pages for man(1): section 1, of each command that --help knows, says what --help says ("zctrace-run.1" ->
/// troff); section 7, of each topic, what `zctrace help TOPIC` says ("zctrace-measuring.7").
std::map<std::string, std::string> man_pages(const CommandText& program, const std::string& version);

}  // namespace zctrace::commands
