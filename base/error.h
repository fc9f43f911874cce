#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace zctrace {

/// Exit statuses of every zctrace command; `exec` passes on the command's own.
enum class ExitStatus : int {
  done = 0,
  failed = 1,
  usage = 2,
  not_permitted = 3,     ///< this kernel or this user may not
  broken = 4,            ///< what was measured is not what was expected
  cannot_execute = 126,  ///< as shells have it: what `exec` was to run is no program, or not permitted
  not_found = 127,       ///< and there is no such command
  interrupted = 130,     ///< Ctrl-C (128 + SIGINT), after the partial result was delivered
};

/// A problem a person can act on: what is wrong (one line) and, where one exists, the command that cures it.
/// main() prints "zctrace: WHAT" and "  hint: HINT" on standard error and exits with `status`.
class Error : public std::runtime_error {
 public:
  Error(ExitStatus exit_status, std::string what, std::string cure = {})
      : std::runtime_error(std::move(what)), status(exit_status), hint(std::move(cure)) {}

  ExitStatus status;
  std::string hint;
};

/// Ends zctrace with another command's status, which has printed by itself what was wrong.
struct ExitWith {
  explicit ExitWith(int command) : status(command) {}
  explicit ExitWith(ExitStatus own) : status(static_cast<int>(own)) {}
  int status;
};

}  // namespace zctrace
