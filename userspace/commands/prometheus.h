#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "userspace/commands/program_trace.h"
#include "userspace/live/metrics.h"
#include "userspace/live/prometheus.h"

namespace zctrace::commands {

/// What --prometheus asks for, while a program is traced. Nothing where it asks for nothing.
class PrometheusExport {
 public:
  /// Opens the port, or sees whether the file can be written. Throws Error.
  explicit PrometheusExport(const std::string& where);

  /// Says on standard error where it listens.
  void announce() const;
  /// From now on these are the sums. A file that cannot be written does not end a trace: finish() tells.
  void update(const timeline::Flows& flows, const live::TraceFacts& facts);
  /// The same with the trace's present sums, once a second however often it is called.
  void step(ProgramTrace& trace);
  /// The same with the sums of the trace's end. Says on standard error why the file is not what it should be.
  void finish(const timeline::Document& document);

  /// Where it listens; empty for a file.
  std::string url() const { return server_ ? server_->url() : ""; }

 private:
  bool wanted() const { return server_ || !file_.empty(); }

  std::chrono::steady_clock::time_point next_;
  std::string file_, complaint_;
  std::unique_ptr<live::PrometheusServer> server_;
  live::Metrics metrics_;
};

}  // namespace zctrace::commands
