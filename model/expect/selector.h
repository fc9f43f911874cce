#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/timeline/flow.h"

namespace zctrace::expect {

/// Which ends of flows are meant. "*" is any, "tcp" any of that kind, "tcp:80" those with that port at either side,
/// "*.bin" those whose name, or its last part, is matched as by a shell; "file:*.bin" both.
struct EndSelector {
  std::optional<timeline::FlowEndKind> kind;
  std::string protocol;          ///< of a socket: "tcp", "udp", "unix"; empty: any
  std::optional<uint16_t> port;  ///< of TCP or UDP
  std::string pattern;           ///< empty: any name
};

struct FlowSelector {
  EndSelector from, to;
};

bool matches(const EndSelector& selector, const timeline::FlowEnd& end);
bool matches(const FlowSelector& selector, const timeline::Flow& flow);

/// Of one end, without its quotes. Nothing where a port is none.
std::optional<EndSelector> end_selector(const std::string& text);

}  // namespace zctrace::expect
