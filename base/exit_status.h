#pragma once

namespace zctrace {

/// Exit statuses of every zctrace command; `exec` passes on the command's own.
enum class ExitStatus : int {
  done = 0,
  failed = 1,
  usage = 2,
  not_permitted = 3,     ///< this kernel or this user may not
  cannot_execute = 126,  ///< as shells have it: what `exec` was to run is no program, or not permitted
  not_found = 127,       ///< and there is no such command
  interrupted = 130,     ///< Ctrl-C (128 + SIGINT), after the partial result was delivered
};

}  // namespace zctrace
