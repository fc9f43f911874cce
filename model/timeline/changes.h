#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/timeline/flow.h"

/// A trace while it goes on: how fast its flows are, on a screen and for Prometheus. Knows nothing of capture.
namespace zctrace::timeline {

/// What a flow moved between two snapshots: the sums of its parts, `sent_bytes` and the rest of `flow`, less those
/// before. The ends are as they are called now.
struct Change {
  const Flow* flow;  ///< in the snapshot
  Flow more;
};

/// Snapshots of a trace's sums, and what happened from one to the next. A flow stays the same when its name is learnt
/// late; flows that were folded into a nameless one have not moved by that.
class Changes {
 public:
  /// In the snapshot's order.
  std::vector<Change> take(const Flows& flows);

 private:
  using Whose = std::tuple<std::string, uint32_t, std::string, std::string>;  ///< command, process, unit, container
  using End = std::tuple<FlowEndKind, uint64_t, uint64_t>;
  using Ends = std::pair<std::pair<End, End>, Whose>;
  using Way = std::pair<FlowMethod, FlowLink>;
  struct Sums {
    std::map<Way, FlowPart> parts;
    uint64_t sent = 0, sent_linear = 0;
    void add(const Sums& more);
  };
  static Ends ends_of(const Flow& flow);
  static Ends fold_of(const Ends& ends);
  static Sums sums_of(const Flow& flow);

  std::map<Ends, Sums> before_;
};

}  // namespace zctrace::timeline
