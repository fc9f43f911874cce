#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "base/exit_status.h"

namespace zctrace {

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
  int status;
};

}  // namespace zctrace
