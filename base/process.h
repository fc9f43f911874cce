#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/spawn.h"

namespace zctrace {

/// The program's path, looked for in PATH and then where an ordinary user's PATH does not reach (/usr/sbin, /sbin);
/// empty when it is not installed.
std::filesystem::path find_program(std::string_view name);

struct Finished {
  int status = 0;  ///< exit status, 128 + signal when killed
  std::string out;
  std::string err;
};

/// Runs a program to its end, its standard output and error caught. It gets SIGTERM where we end before it. Lines of
/// standard output also go to `on_line` as they come; when that throws, the program is ended.
Finished run_program(SpawnRequest request, const std::function<void(std::string_view)>& on_line = {});

}  // namespace zctrace
