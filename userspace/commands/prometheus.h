#pragma once

#include <memory>
#include <optional>
#include <string>

#include "userspace/live/metrics.h"
#include "userspace/live/prometheus.h"

namespace zctrace::commands {

/// What --prometheus asks for, while a program is traced. Nothing where it asks for nothing.
class PrometheusExport {
 public:
  /// Opens the port, or sees whether the file can be written. Throws Error.
  explicit PrometheusExport(const std::string& where);

  /// From now on these are the sums. A file that cannot be written does not end a trace: complaint() tells.
  void update(const timeline::Flows& flows, const live::TraceFacts& facts);

  /// Where it listens; empty for a file.
  std::string url() const { return server_ ? server_->url() : ""; }
  /// Why the file is not what it should be; empty where it is.
  const std::string& complaint() const { return complaint_; }

 private:
  std::string file_, complaint_;
  std::unique_ptr<live::PrometheusServer> server_;
  live::Metrics metrics_;
};

}  // namespace zctrace::commands
