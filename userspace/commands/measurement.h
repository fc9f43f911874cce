#pragma once

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "userspace/capture/session.h"
#include "userspace/commands/progress.h"
#include "userspace/commands/run.h"
#include "workloads/registry.h"
#include "workloads/transfer.h"

namespace zctrace::commands {

/// The transfer was ended by Ctrl-C; its figures cover what happened until then.
struct Interrupted {};

/// Throws Error (interrupted) after Ctrl-C.
void stop_if_interrupted();

/// Hooks attached once to the kernel we run on, and transfers measured with them one after the other.
class Measurement {
 public:
  /// Attaches as exactly as `options` ask for and this kernel lets us, and tests the hooks. Throws Error.
  Measurement(const RunOptions& options, Progress& progress);

  /// Prepares, runs and records one transfer; fills the document. Throws Error where nothing could be begun; returns
  /// what went wrong later, if anything did (Interrupted among it): the document then covers what came before.
  std::exception_ptr run(const RunOptions& options, const workloads::Method& method, timeline::Document& document);

 private:
  std::exception_ptr record(workloads::Transfer& transfer, timeline::Document& document);

  Progress& progress_;
  capture::CopyMode mode_;
  std::string weaker_;  ///< why it is not as exact as asked for
  std::optional<capture::Session> session_;
  std::vector<timeline::Hook> hooks_;
};

}  // namespace zctrace::commands
