#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "userspace/capture/session.h"
#include "userspace/lab/guest.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

/// The program that runs here.
std::string this_program();

/// For lab::GuestRequest::prepare: that zctrace loads what a session of these options in the guest will look for. Empty
/// where it would not take it.
std::vector<std::string> preload_command(const std::string& zctrace, capture::CopyMode copies, bool programs,
                                         bool stacks);

/// This zctrace, run in a guest, where it measures and prints documents.
struct GuestZctrace {
  std::string kernel;                                   ///< a lab kernel's version, release or file
  std::string append;                                   ///< further kernel parameters
  capture::CopyMode copies = capture::CopyMode::exact;  ///< of the first measurement
  uint64_t disk_bytes = 0;
  unsigned memory_mib = lab::kMemoryMib;
  /// Arguments, and how long they may take, given how many documents are there already: a guest that died is begun once
  /// more for the rest.
  std::function<std::vector<std::string>(size_t done)> arguments;
  std::function<std::chrono::seconds(size_t done)> limit;
  std::function<void(std::unique_ptr<OutputFile> document)> on_document;
};

/// Runs it to its end; its progress becomes ours, its messages pass to standard error. Throws ExitWith with its
/// status when it failed (it has printed why), and Error.
void run_in_guest(const GuestZctrace& asked, terminal::Progress& progress);

}  // namespace zctrace::commands
