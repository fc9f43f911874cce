#include "model/timeline/flow_filter.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/units.h"
#include "model/timeline/flow_match.h"

namespace zctrace::timeline {

namespace {

/// Does the name have that port, in the socket's own address or its peer's?
bool has_port(const FlowEnd& end, uint16_t port) {
  if (end.kind != FlowEndKind::socket) return false;
  const std::string wanted = ":" + std::to_string(port);
  const auto between = end.name.find(kBetweenAddresses);
  if (between == end.name.npos) return end.name.ends_with(wanted);
  return std::string_view(end.name).substr(0, between).ends_with(wanted) || end.name.ends_with(wanted);
}

bool has_path(const FlowEnd& end, const std::string& pattern) {
  if (end.name.empty() || end.kind == FlowEndKind::memory) return false;
  const auto matches = [&](const std::string& name) { return fnmatch(pattern.c_str(), name.c_str(), 0) == 0; };
  return matches(end.name) || (!end.first_name.empty() && matches(end.first_name));
}

bool is_of(const Flow& flow, const std::string& process) {
  if (!flow.process) return false;
  return flow.process->command == process.substr(0, 15) ||  // as much as the kernel keeps of it
         (flow.process->pid != 0 && std::to_string(flow.process->pid) == process);
}

/// None asked for, or one of them holds.
template <class Wanted, class Holds>
bool any_of(const Wanted& wanted, const Holds& holds) {
  return wanted.empty() || std::ranges::any_of(wanted, holds);
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

bool passes(const FlowFilter& filter, const Flow& flow) {
  const auto either = [&](const auto& holds) { return holds(flow.from) || holds(flow.to); };
  return total(flow).bytes >= filter.min_bytes &&
         any_of(filter.processes, [&](const std::string& process) { return is_of(flow, process); }) &&
         any_of(filter.paths,
                [&](const std::string& path) {
                  return either([&](const FlowEnd& end) { return has_path(end, path); });
                }) &&
         any_of(filter.ports,
                [&](uint16_t port) { return either([&](const FlowEnd& end) { return has_port(end, port); }); });
}

std::string text_of(const FlowFilter& filter) {
  std::string text;
  const auto add = [&](std::string_view option, const auto& value) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " ", option, value);
  };
  if (filter.min_bytes != 0) add("--min-bytes", format_size(filter.min_bytes));
  for (const auto& process : filter.processes) add("--process", process);
  for (const auto& path : filter.paths) add("--path", path);
  for (const auto port : filter.ports) add("--port", port);
  return text;
}

bool is_library_or_setting(const std::string& path) {
  constexpr std::array<std::string_view, 12> kBelow{
      "/proc/",         "/sys/",        "/usr/share/locale/", "/usr/lib/locale/", "/etc/ld.so", "/usr/share/zoneinfo/",
      "/etc/nsswitch.", "/etc/locale.", "/usr/share/i18n/",   "/etc/ssl/",        "/etc/host",  "/etc/resolv."};
  if (std::ranges::any_of(kBelow, [&](std::string_view place) { return path.starts_with(place); })) return true;
  constexpr std::array<std::string_view, 6> kFiles{"/etc/passwd",   "/etc/group",     "/etc/localtime",
                                                   "/etc/services", "/etc/protocols", "/etc/gai.conf"};
  if (std::ranges::find(kFiles, path) != kFiles.end()) return true;
  if (path.ends_with(".pyc") || path.ends_with(".jar") || contains(path, "/jvm/") || contains(path, "/gconv/") || path.ends_with("/gconv-modules.cache")) return true;
  const auto name = std::string_view(path).substr(path.rfind('/') + 1);
  return name.ends_with(".so") || contains(name, ".so.");
}

}  // namespace zctrace::timeline
