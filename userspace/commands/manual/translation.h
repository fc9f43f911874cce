#pragma once

#include <string>

#include "model/language/language.h"

namespace zctrace::commands {

/// What --help says (base/command_line.h: Translation) in that language: in Chinese by help_zh.def, where it is there.
std::string help_in(Language language, const std::string& english);

}  // namespace zctrace::commands
