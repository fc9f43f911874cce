#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/timeline/changes.h"
#include "model/timeline/flow.h"

namespace zctrace::timeline {

/// What was moved in a stretch of time, by one flow or by all.
struct Motion {
  uint64_t ns = 0;  ///< how long it was
  uint64_t bytes = 0, calls = 0, mode_switches = 0, cpu_bytes = 0, transform_bytes = 0;
  uint64_t uncopied_bytes = 0;        ///< at least so many of the bytes no CPU copied
  Evidence copies = Evidence::exact;  ///< at_least: of `cpu_bytes`; none: they may be more, and the others less

  double bytes_per_s() const { return per_second(bytes); }
  double calls_per_s() const { return per_second(calls); }
  double mode_switches_per_s() const { return per_second(mode_switches); }
  /// Nothing where nothing was moved, or the copies are not known.
  std::optional<double> copies_per_byte() const { return share(cpu_bytes); }
  double transforms_per_byte() const { return share(transform_bytes).value_or(0); }
  std::optional<double> zero_copy_share() const { return share(uncopied_bytes); }

 private:
  double per_second(uint64_t count) const {
    return ns == 0 ? 0 : static_cast<double>(count) * 1e9 / static_cast<double>(ns);
  }
  std::optional<double> share(uint64_t part) const {
    if (bytes == 0 || copies == Evidence::none) return {};
    return static_cast<double>(part) / static_cast<double>(bytes);
  }
};

struct FlowRate {
  Flow flow;
  Motion now;  ///< in the last interval
  Motion all;  ///< since the trace began
  bool quiet;  ///< it has not been called for long: not in view, but in the sums
};

/// Snapshots of a trace's sums, one after the other, and what happened between them.
class Rates {
 public:
  /// Flows of which no call was seen for longer are quiet.
  explicit Rates(uint64_t quiet_after_ns = 30'000'000'000) : quiet_after_ns_(quiet_after_ns) {}

  /// `at_ns`: from the trace's beginning, never less than before.
  void take(const Flows& flows, uint64_t at_ns);

  const std::vector<FlowRate>& list() const { return list_; }  ///< as the snapshot has them, most bytes first
  const Motion& now() const { return now_; }
  const Motion& all() const { return all_; }
  uint64_t at_ns() const { return all_.ns; }

 private:
  uint64_t quiet_after_ns_;
  Changes changes_;
  std::vector<FlowRate> list_;
  Motion now_, all_;
};

/// With the connections of one server as one, most bytes first: "tcp 10.0.0.1:80 - * ×240". Such a one is quiet when
/// all of them are.
std::vector<FlowRate> connections_together(const std::vector<FlowRate>& list);

}  // namespace zctrace::timeline
