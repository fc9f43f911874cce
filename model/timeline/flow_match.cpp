#include "model/timeline/flow_match.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
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

/// "10.0.0.1:80" and "10.0.0.2:41010" of the "tcp 10.0.0.1:80 - 10.0.0.2:41010".
struct Addresses {
  std::string protocol, own, peer;

  static std::optional<Addresses> of(const std::string& socket) {
    const auto at = socket.find(kBetweenAddresses), blank = socket.find(' ');
    if (at == socket.npos || blank >= at) return {};
    return Addresses{socket.substr(0, blank + 1), socket.substr(blank + 1, at - blank - 1),
                     socket.substr(at + kBetweenAddresses.size())};
  }
  std::string name(const std::string& own_one, const std::string& peer_one) const {
    return protocol + own_one + std::string(kBetweenAddresses) + peer_one;
  }
};

/// The same with whatever client, at the end whose port the kernel chose.
std::vector<std::string> with_any_client(const std::string& socket) {
  const auto addresses = Addresses::of(socket);
  if (!addresses) return {};
  const auto& [protocol, own, peer] = *addresses;
  const auto is_chosen = [](const std::string& address) {
    return is_any_clients(address) || with_any_port(address) != address;
  };
  std::vector<std::string> names;
  if (is_chosen(peer)) names.push_back(addresses->name(own, "*"));
  if (is_chosen(own)) names.push_back(addresses->name("*", peer));
  return names;
}

/// What an end could be told together with, those that have most in common first.
std::vector<std::string> alike_names(const FlowEnd& end, Alike alike) {
  std::vector<std::string> names;
  if (end.kind == FlowEndKind::socket) {
    if (end.connections != 0)
      names.push_back(end.name);  // they are told together already
    else
      names = without_one_port(end.name);
    if (alike != Alike::ports && !names.empty())
      for (auto& name : with_any_client(end.name)) names.push_back(std::move(name));
  } else if (end.kind == FlowEndKind::file && alike == Alike::numbers) {
    if (auto any = with_any_number(end.name); any != end.name) names.push_back(std::move(any));
  }
  return names;
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

bool is_any_clients(std::string_view address) { return address == "*" || address.ends_with(":*"); }

CommonNames::CommonNames(const Flows& flows, Alike alike) : alike_(alike) {
  for (const Flow& flow : flows.list)
    for (const FlowEnd* end : {&flow.from, &flow.to})
      for (const auto& name : alike_names(*end, alike_)) counts_[name]++;
}

std::string CommonNames::of(const FlowEnd& end) const {
  const auto names = alike_names(end, alike_);
  const auto most = std::ranges::max_element(names, {}, [&](const auto& name) { return counts_.at(name); });
  return most == names.end() ? end.name : *most;
}

std::vector<std::string> without_one_port(const std::string& socket) {
  const auto addresses = Addresses::of(socket);
  if (!addresses) return {};
  const auto& [protocol, own, peer] = *addresses;
  std::vector<std::string> names;
  if (const auto any = with_any_port(peer); any != peer) names.push_back(addresses->name(own, any));
  if (const auto any = with_any_port(own); any != own) names.push_back(addresses->name(any, peer));
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

AlikeFlows::AlikeFlows(const Flows& flows, Alike alike) : flows_(flows), names_(flows, alike) {
  using Key = std::tuple<FlowEndKind, std::string, FlowEndKind, std::string, FlowMethod, bool, std::string, std::string,
                         uint32_t>;
  std::map<Key, size_t> places;
  std::set<std::string_view> many;  // whose processes are not all told one by one
  for (const Flow& flow : flows.list)
    if (flow.process && flow.process->count > 1) many.insert(flow.process->command);
  for (size_t i = 0; i < flows.list.size(); ++i) {
    const Flow& flow = flows.list[i];
    const Process whose = flow.process.value_or(Process{});
    const FlowPart sum = total(flow);
    // What has no name is told by its inode alone.
    size_t place = groups_.size();
    if (!flow.from.name.empty() || !flow.to.name.empty())
      place = places
                  .try_emplace({flow.from.kind, names_.of(flow.from), flow.to.kind, names_.of(flow.to), sum.method,
                                is_linked(sum), whose.command, whose.container.empty() ? whose.unit : whose.container,
                                alike == Alike::ports && !many.contains(whose.command) ? whose.pid : 0},
                               place)
                  .first->second;
    if (place == groups_.size()) groups_.emplace_back();
    groups_[place].push_back(i);
  }
}

Flow AlikeFlows::flow(const std::vector<size_t>& group) const {
  Flow sum = flows_.list[group.front()];
  std::map<std::string, uint64_t> from, to;           // how many
  std::set<std::pair<uint32_t, uint64_t>> processes;  // numbers and counts
  for (const size_t i : group) {
    const Flow& flow = flows_.list[i];
    from.insert(count_of(flow.from));
    to.insert(count_of(flow.to));
    if (flow.process) processes.insert({flow.process->pid, flow.process->count});
    if (i == group.front()) continue;
    for (const FlowPart& part : flow.parts) add(sum.parts, part);
    sum.sent_bytes += flow.sent_bytes;
    sum.sent_linear_bytes += flow.sent_linear_bytes;
    sum.sent_dma = sum.sent_dma || flow.sent_dma;
  }
  const auto call = [&](FlowEnd& end, const std::map<std::string, uint64_t>& all) {
    uint64_t count = 0;
    for (const auto& [name, more] : all) count += more;
    if (count > 1) end.name = names_.of(end) + " ×" + std::to_string(count);
  };
  call(sum.from, from);
  call(sum.to, to);
  if (processes.size() > 1) {
    Process all = *sum.process;
    all.pid = 0;
    all.count = 0;
    for (const auto& [pid, count] : processes) all.count += count;
    set_process(sum, all);
  }
  return sum;
}

Flows told_together(const Flows& flows, Alike alike) {
  Flows together = flows;
  together.list.clear();
  const AlikeFlows found(flows, alike);
  for (const auto& group : found.groups()) together.list.push_back(found.flow(group));
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
