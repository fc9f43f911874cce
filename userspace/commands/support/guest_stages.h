#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/language/texts.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

/// Shows a guest's stages under `title` until its command runs: from there on standard error is the command's.
std::function<void(Text stage)> stages_until_running(terminal::Progress& progress, std::string title);

/// For a command in the guest that shall find what it would find here.
std::vector<std::string> our_environment();

}  // namespace zctrace::commands
