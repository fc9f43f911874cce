#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "userspace/capture/session.h"
#include "userspace/commands/report_page.h"
#include "workloads/path.h"
#include "workloads/source.h"

namespace zctrace::commands {

/// `zctrace run`, as asked for on the command line.
struct RunOptions {
  std::vector<std::string> methods;
  uint64_t chunk = 64 << 10;        ///< bytes
  workloads::SourceOptions source;  ///< the user's file or a generated one, its size, the cache
  std::string path = "auto";
  workloads::OffloadWish offload;
  std::string offload_text;
  std::string kernel = "auto";
  capture::CopyMode copies = capture::CopyMode::exact;
  std::string output;                  ///< where the document goes; a directory where there are several methods
  std::string report;                  ///< where the page goes
  bool json = false;                   ///< the document on standard output instead of the picture
  bool progress_lines = false;         ///< tell the progress in lines, for a zctrace outside the guest
  std::vector<std::string> leave_out;  ///< hooks not to attach, for the test in which one misses
  uint64_t ring_bytes = 16u << 20;     ///< of the timeline's ring, for the test in which events are lost
  std::vector<std::string> command;    ///< as typed, for the document
};

void add_run(CLI::App& app);

/// On the kernel we run on. Throws Error; what was recorded is delivered before.
void run_here(const RunOptions& options, ReportPage& page);

/// In a guest with `kernel` (a lab kernel's version, release or file).
void run_in_lab(const RunOptions& options, const std::string& kernel, ReportPage& page);

}  // namespace zctrace::commands
