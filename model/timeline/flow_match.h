#pragma once

#include <cstddef>
#include <cstdint>
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

/// Is it any client's: "*", "10.0.0.2:*"?
bool is_any_clients(std::string_view address);

/// Ends of flows that count as one; each has those before it, too.
enum class Alike : uint8_t {
  ports,    ///< connections that differ in nothing but a port that the kernel chose
  clients,  ///< connections to one port of a server, from wherever
  numbers,  ///< files of one folder that differ in a number: a log's segments
};

/// What ends of flows can be told together as: that which most of the flows have in common, of what is the same in all
/// but a port, a client or a number. A server's port is the same in all its connections, whoever chose it.
class CommonNames {
 public:
  CommonNames(const Flows& flows, Alike alike);
  /// Of one of these flows.
  std::string of(const FlowEnd& end) const;

 private:
  Alike alike_;
  std::map<std::string, unsigned> counts_;
};

/// Flows whose ends are alike, and which one program moved by one method (most bytes of each); where only ports may
/// differ, one process, or one of those that are so many that some are told together already.
class AlikeFlows {
 public:
  AlikeFlows(const Flows& flows, Alike alike);

  /// Places in the list, in its order.
  const std::vector<std::vector<size_t>>& groups() const { return groups_; }
  /// A group as one flow: "tcp 10.0.0.1:80 - 10.0.0.2:* ×240", "/log/*.segment ×31".
  Flow flow(const std::vector<size_t>& group) const;

 private:
  const Flows& flows_;
  const CommonNames names_;
  std::vector<std::vector<size_t>> groups_;
};

/// The flows with each group as one.
Flows told_together(const Flows& flows, Alike alike);

}  // namespace zctrace::timeline
