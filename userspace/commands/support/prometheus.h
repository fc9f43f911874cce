#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "userspace/export/prometheus/metrics.h"
#include "userspace/export/prometheus/prometheus.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

/// What --prometheus asks for, while a program is traced. Nothing where it asks for nothing.
class PrometheusExport {
 public:
  /// Opens the port, or sees whether the file can be written. Throws Error.
  explicit PrometheusExport(const std::string& where);
  /// By kinds of ends, with what zctrace's own process costs.
  static PrometheusExport of_agent(const std::string& where);

  /// Says on standard error where it listens.
  void announce() const;
  /// From now on these are the sums. A file that cannot be written does not end a trace: finish() tells.
  void update(const timeline::Flows& flows, const timeline::TraceFacts& facts);
  /// The same with the trace's present sums, once a second however often it is called.
  void step(record::ProgramTrace& trace);
  /// The same with the sums of the trace's end. Says on standard error why the file is not what it should be.
  void finish(const timeline::Document& document);

  /// The file that is written from time to time, if any.
  std::vector<std::string> places() const;
  /// Where it listens; empty for a file.
  std::string url() const { return server_ ? server_->url() : ""; }

 private:
  PrometheusExport(const std::string& where, exports::EndLabels labels, bool own_cost);
  std::vector<prometheus::MetricFamily> take(const timeline::Flows& flows, const timeline::TraceFacts& facts);
  bool wanted() const { return server_ || !file_.empty(); }

  std::chrono::steady_clock::time_point next_;
  std::string file_, complaint_;
  std::unique_ptr<exports::PrometheusServer> server_;
  bool own_cost_;
  exports::Metrics metrics_;
};

}  // namespace zctrace::commands
