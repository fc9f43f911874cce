#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "userspace/capture/session.h"
#include "viz/terminal/progress.h"
#include "workloads/file/source.h"
#include "workloads/net/path.h"
#include "workloads/run/registry.h"
#include "workloads/run/transfer.h"

namespace zctrace::record {

/// What `run` measures, whatever the method.
struct MeasurementOptions {
  uint64_t chunk = 64 << 10;        ///< bytes
  workloads::SourceOptions source;  ///< the user's file or a generated one, its size, the cache
  std::string path = "auto";
  workloads::OffloadWish offload;
  capture::CopyMode copies = capture::CopyMode::exact;
  std::vector<std::string> leave_out;  ///< hooks not to attach, for the test in which one misses
  uint64_t ring_bytes = 16u << 20;     ///< of the timeline's ring, for the test in which events are lost
  std::vector<std::string> command;    ///< as typed, for the document
  bool kernel_tls = false;             ///< is hooked, too: some method uses it
  bool cpu = false;                    ///< its cost is sampled first, in passes that nothing traces
  bool requests = false;               ///< of io_uring are hooked, too: some method works in them
  bool progress_lines = false;         ///< progress in lines, documents as records: for a zctrace outside the guest

  /// Has hooked, too, what this method needs beyond what all do.
  void hook_for(const workloads::Method& method);
};

/// The transfer was ended by Ctrl-C; its figures cover what happened until then.
struct Interrupted {};

/// What is transferred: in the lab a copy of the user's file, which comes over a wire there, not from a disk.
workloads::SourceOptions source_options(const MeasurementOptions& options);
/// Where it is sent over, where none was asked for by the best path that this kernel and user have.
std::string path_of(const MeasurementOptions& options, const workloads::Method& method);

/// Throws Error (interrupted) after Ctrl-C.
void stop_if_interrupted();

/// Hooks attached once to the kernel we run on, and transfers measured with them one after the other.
class Measurement {
 public:
  /// Attaches as exactly as `options` ask for and this kernel lets us, and tests the hooks. Throws Error.
  Measurement(const MeasurementOptions& options, terminal::Progress& progress);

  /// Prepares, runs and records one transfer; fills the document. Where the kernel skipped a run of our programs, which
  /// it rarely does, it is measured again. Throws Error where nothing could be begun; returns what went wrong later, if
  /// anything did (Interrupted among it): the document then covers what came before.
  std::exception_ptr run(const MeasurementOptions& options, const workloads::Method& method,
                         timeline::Document& document);

 private:
  std::exception_ptr run_once(const MeasurementOptions& options, const workloads::Method& method,
                              timeline::Document& document);
  std::exception_ptr record(workloads::Transfer& transfer, timeline::Document& document);

  terminal::Progress& progress_;
  capture::CopyMode mode_;
  Message weaker_;  ///< why it is not as exact as asked for
  std::optional<capture::Session> session_;
  std::vector<timeline::Hook> hooks_;
};

}  // namespace zctrace::record
