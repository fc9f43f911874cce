#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace zctrace::exports {

/// Where --prometheus wants a trace's sums.
struct PrometheusPlace {
  std::string file;     ///< for the node exporter's textfile collector; empty: served
  std::string address;  ///< "127.0.0.1", "[::1]"
  uint16_t port = 0;    ///< 0: any that is free
};

inline constexpr const char* kPrometheusHelp =
    "Export metrics: listen on PORT (127.0.0.1) or ADDRESS:PORT, or keep FILE.prom updated.";

/// "9435", "ADDRESS:9435", else a file. Throws Error (usage).
PrometheusPlace parse_prometheus(const std::string& text);

/// Answers whoever asks, from threads of its own, with what there was last.
class PrometheusServer {
 public:
  /// Throws Error where it cannot listen there.
  explicit PrometheusServer(const PrometheusPlace& place);
  ~PrometheusServer();
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  void set(std::vector<prometheus::MetricFamily> metrics);
  const std::string& url() const { return url_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string url_;
};

}  // namespace zctrace::exports
