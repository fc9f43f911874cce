#include "model/timeline/flow_match.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "model/timeline/names.h"

namespace zctrace::timeline {

using namespace timeline;

namespace {

/// "10.0.0.2:41010" -> "10.0.0.2:*"
std::string with_any_port(std::string_view address) {
  const auto host = without_chosen_port(address);
  return host.size() == address.size() ? std::string(address) : std::string(host) + ":*";
}

/// "/log/00000042.segment" -> "/log/*.segment": the numbers in a file's own name.
std::string with_any_number(const std::string& path) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto name = path.rfind('/') + 1;  // 0 where there is none
  std::string any = path.substr(0, name);
  for (size_t i = name; i < path.size(); ++i) {
    if (!is_digit(path[i]))
      any += path[i];
    else if (i == name || !is_digit(path[i - 1]))
      any += '*';
  }
  return any;
}

/// What an end could be told together with: files of one folder that differ in a number; sockets that differ in the
/// peer's port, or in ours, where the kernel chose it.
std::vector<std::string> alike(const FlowEnd& end) {
  if (end.connections != 0) return {};  // they are told together already
  if (end.kind == FlowEndKind::file) {
    const auto any = with_any_number(end.name);
    return any == end.name ? std::vector<std::string>() : std::vector{any};
  }
  return end.kind == FlowEndKind::socket ? without_one_port(end.name) : std::vector<std::string>();
}

/// What is counted of an end, and how often. A socket may have the addresses of one that was closed.
std::pair<std::string, uint64_t> count_of(const FlowEnd& end) {
  std::string key = end.name;
  if (end.kind == FlowEndKind::socket) key += " " + std::to_string(end.inode);
  return {key, std::max<uint64_t>(end.connections, 1)};
}

void add(std::vector<FlowPart>& parts, const FlowPart& more) {
  const auto same = std::ranges::find_if(
      parts, [&](const FlowPart& part) { return part.method == more.method && part.link == more.link; });
  if (same == parts.end())
    parts.push_back(more);
  else
    *same = total({{}, {}, {*same, more}, 0, 0, false});
}

}  // namespace

CommonNames::CommonNames(const Flows& flows) {
  for (const Flow& flow : flows.list)
    for (const FlowEnd* end : {&flow.from, &flow.to})
      for (const auto& name : alike(*end)) counts_[name]++;
}

std::string CommonNames::of(const FlowEnd& end) const {
  const auto names = alike(end);
  const auto most = std::ranges::max_element(names, {}, [&](const auto& name) { return counts_.at(name); });
  return most == names.end() ? end.name : *most;
}

std::vector<std::string> without_one_port(const std::string& socket) {
  const auto at = socket.find(kBetweenAddresses);
  if (at == socket.npos) return {};
  const auto own = socket.substr(0, at), peer = socket.substr(at + kBetweenAddresses.size());
  std::vector<std::string> names;
  if (const auto any = with_any_port(peer); any != peer) names.push_back(own + std::string(kBetweenAddresses) + any);
  if (const auto any = with_any_port(own); any != own) names.push_back(any + std::string(kBetweenAddresses) + peer);
  return names;
}

std::string_view without_chosen_port(std::string_view address) {
  // From here on Linux takes the ports that nobody asked for (net.ipv4.ip_local_port_range).
  constexpr int kFirstChosen = 32768;
  const auto colon = address.rfind(':');
  if (colon == address.npos) return address;
  const auto digits = address.substr(colon + 1);
  int port = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_port = end.ec == std::errc() && end.ptr == digits.data() + digits.size();
  return is_port && port >= kFirstChosen ? address.substr(0, colon) : address;
}

Flows told_together(const Flows& flows) {
  Flows together = flows;
  together.list.clear();
  using Key = std::tuple<FlowEndKind, std::string, FlowEndKind, std::string, bool, std::string, std::string>;
  std::map<Key, size_t> places;
  struct Ends {
    std::map<std::string, uint64_t> from, to;  ///< how many
  };
  std::vector<Ends> ends;
  std::vector<std::set<std::pair<uint32_t, uint64_t>>> processes;  ///< numbers and counts
  const CommonNames names(flows);
  for (const Flow& flow : flows.list) {
    const std::string from = names.of(flow.from), to = names.of(flow.to);
    // What has no name is told by its inode alone.
    const bool named = !flow.from.name.empty() || !flow.to.name.empty();
    const Process whose = flow.process.value_or(Process{});
    const auto [place, added] =
        places.try_emplace({flow.from.kind, from, flow.to.kind, to, is_linked(total(flow)), whose.command,
                            whose.container.empty() ? whose.unit : whose.container},
                           together.list.size());
    if (added || !named) {
      together.list.push_back(flow);
      ends.push_back({{count_of(flow.from)}, {count_of(flow.to)}});
      processes.push_back({{whose.pid, whose.count}});
      continue;
    }
    Flow& sum = together.list[place->second];
    ends[place->second].from.insert(count_of(flow.from));
    ends[place->second].to.insert(count_of(flow.to));
    for (const FlowPart& part : flow.parts) add(sum.parts, part);
    sum.sent_bytes += flow.sent_bytes;
    sum.sent_linear_bytes += flow.sent_linear_bytes;
    sum.sent_dma = sum.sent_dma || flow.sent_dma;
    processes[place->second].insert({whose.pid, whose.count});
  }
  const auto call = [&](FlowEnd& end, const std::map<std::string, uint64_t>& all) {
    uint64_t sum = 0;
    for (const auto& [name, count] : all) sum += count;
    if (sum > 1) end.name = names.of(end) + " ×" + std::to_string(sum);
  };
  for (size_t i = 0; i < ends.size(); ++i) {
    call(together.list[i].from, ends[i].from);
    call(together.list[i].to, ends[i].to);
    if (processes[i].size() < 2) continue;
    Process all = *together.list[i].process;
    all.pid = 0;
    all.count = 0;
    for (const auto& [pid, count] : processes[i]) all.count += count;
    set_process(together.list[i], all);
  }
  return together;
}

std::string lasting_name(const FlowEnd& end) {
  if (end.name.empty() || (end.kind == FlowEndKind::pipe && end.name.starts_with("pipe:")))
    return std::string(text(end.kind));
  if (end.kind != FlowEndKind::socket) return end.name;
  const auto at = end.name.find(kBetweenAddresses);
  if (at == end.name.npos) return with_any_port(end.name);
  return with_any_port(end.name.substr(0, at)) + std::string(kBetweenAddresses) +
         with_any_port(end.name.substr(at + kBetweenAddresses.size()));
}

std::vector<FlowMatch> flow_matches(const Flows& flows) {
  std::map<std::tuple<std::string, std::string, FlowMethod>, Flow> found;
  for (const auto& flow : flows.list)
    for (const auto& part : flow.parts)
      if (is_linked(part)) found[{lasting_name(flow.from), lasting_name(flow.to), part.method}].parts.push_back(part);
  std::vector<FlowMatch> all;
  for (const auto& [key, flow] : found) all.push_back({std::get<0>(key), std::get<1>(key), total(flow)});
  std::ranges::stable_sort(all, std::greater{}, [](const FlowMatch& match) { return match.part.bytes; });
  return all;
}

}  // namespace zctrace::timeline
