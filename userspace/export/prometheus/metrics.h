#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/timeline/changes.h"
#include "model/timeline/flow.h"
#include "model/timeline/model.h"

namespace zctrace::exports {

/// A flow's end as a label that stays the same for as much as possible: a socket without the ports that a kernel chose,
/// a pipe without its number.
std::string label_of(const timeline::FlowEnd& end);

/// The same by what stays when files and peers change: "file", "pipe"; of a connection the port that no kernel chose,
/// "tcp :80".
std::string kind_label_of(const timeline::FlowEnd& end);

enum class EndLabels { names, kinds };

/// A trace's sums as Prometheus has them. A bounded number of series, whose counters never go down; what is unknown has
/// no series.
class Metrics {
 public:
  /// Pairs of ends of a command beyond so many are counted as from="other", to="other".
  explicit Metrics(size_t most_ends = 500, EndLabels labels = EndLabels::names)
      : most_ends_(most_ends), labels_(labels) {}

  std::vector<prometheus::MetricFamily> take(const timeline::Flows& flows, const timeline::TraceFacts& facts);

 private:
  using Labels = std::array<std::string, 6>;  ///< from, to, comm, unit, container, method
  using Ends = std::array<std::string, 5>;    ///< from, to, comm, unit, container
  /// What has series keeps them, so that no counter loses to another one what it counted.
  Ends ends_of(const timeline::Flow& flow);
  void count(const timeline::Flows& flows);

  size_t most_ends_;
  EndLabels labels_;
  timeline::Changes changes_;
  std::set<Ends> ends_;
  std::map<Labels, timeline::FlowPart> series_;
  std::map<Ends, uint64_t> sent_;
  uint64_t unattributed_bytes_ = 0, dropped_calls_ = 0, dropped_bytes_ = 0;
};

/// The text that Prometheus reads.
std::string text_of(const std::vector<prometheus::MetricFamily>& metrics);

}  // namespace zctrace::exports
