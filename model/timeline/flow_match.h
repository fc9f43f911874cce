#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/timeline/flow.h"

namespace zctrace::timeline {

/// What one method carried between two ends, by names that are the same in another trace of the same program.
struct FlowMatch {
  std::string from, to;  ///< without the ports and numbers that are new each time
  FlowPart part;         ///< of all flows of that name and method together
};

/// The linked flows of a program, most bytes first.
std::vector<FlowMatch> flow_matches(const Flows& flows);

/// Between a socket's own address and its peer's, in its name.
inline constexpr std::string_view kBetweenAddresses = " - ";

/// "10.0.0.2:47111" -> "10.0.0.2" where the kernel chose the port, "10.0.0.1:80" as it is.
std::string_view without_chosen_port(std::string_view address);

/// What a socket of that name could be told together as: with any port of its peer's, and of its own, where the kernel
/// chose it. None for one that is not between two addresses.
std::vector<std::string> without_one_port(const std::string& socket);

/// "tcp 10.0.0.1:80 - 10.0.0.2:*" of a socket whose other port the kernel chose; "pipe" of any pipe without a path.
std::string lasting_name(const FlowEnd& end);

/// What ends of flows can be told together as: a file with any number in its name, a socket with any port of that end
/// where most of the flows have nothing else in common. A server's port is the same in all its connections, whoever
/// chose it.
class CommonNames {
 public:
  explicit CommonNames(const Flows& flows);
  /// Of one of these flows.
  std::string of(const FlowEnd& end) const;

 private:
  std::map<std::string, unsigned> counts_;
};

/// Flows that differ in a connection's chosen port, or in the number that a file of one folder is named by, as one:
/// "tcp 10.0.0.1:80 - 10.0.0.2:* ×240", "/log/*.segment ×31".
Flows told_together(const Flows& flows);

}  // namespace zctrace::timeline
