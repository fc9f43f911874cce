#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace zctrace {

/// The program's path, looked for in PATH and then where an ordinary user's PATH does not reach (/usr/sbin, /sbin);
/// empty when it is not installed.
std::filesystem::path find_program(std::string_view name);

/// Starts a program that cannot outlive this one: it is killed with `death_signal` when the calling thread ends,
/// kill -9 included. Standard input is /dev/null; `out` and `err` become its standard output and error; `inherited`
/// descriptors keep their numbers. `own_group` keeps a terminal's Ctrl-C from it. Throws Error when it cannot start.
struct Spawn {
  std::vector<std::string> command;   ///< command[0] is a path
  std::filesystem::path folder = {};  ///< working directory; empty: this one
  std::vector<int> inherited = {};
  int out = -1;
  int err = -1;
  int death_signal = 0;
  bool own_group = false;
};
pid_t spawn(const Spawn& request);

struct Finished {
  int status = 0;  ///< exit status, 128 + signal when killed
  std::string out;
  std::string err;
};

/// Runs a program to its end. Lines of standard output also go to `on_line` as they come;
/// when that throws, the program is ended.
Finished run_program(Spawn request, const std::function<void(std::string_view)>& on_line = {});

}  // namespace zctrace
