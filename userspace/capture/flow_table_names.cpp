#include "userspace/capture/flow_table.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include "userspace/capture/mirrored.h"
#include "userspace/capture/take_each.h"

/// What the places that flows lead from and to are called, and which sockets are two ends of one connection.
namespace zctrace::capture {

using namespace timeline;

namespace {

std::string address_of(uint16_t family, const uint8_t* bytes, uint16_t port) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, bytes, text, sizeof text);
  return family == AF_INET6 ? fmt::format("[{}]:{}", text, port) : fmt::format("{}:{}", text, port);
}

std::string socket_name(const zc_name& name, uint64_t inode) {
  const char* type = name.type == SOCK_STREAM ? "tcp" : name.type == SOCK_DGRAM ? "udp" : "raw";
  switch (name.family) {
    case AF_INET:
    case AF_INET6:
      return fmt::format("{} {} - {}", type, address_of(name.family, name.own, name.own_port),
                         name.peer_port ? address_of(name.family, name.peer, name.peer_port) : "any");
    case AF_UNIX: {
      const std::string path(name.path + (name.path[0] == '\0'),
                             strnlen(name.path + (name.path[0] == '\0'), ZC_UNIX_PATH - 1));
      if (path.empty()) return fmt::format("unix:[{}]", inode);
      return fmt::format("unix {}{}", name.path[0] == '\0' ? "@" : "", path);
    }
    case AF_NETLINK:
      return "netlink";
    default:
      return fmt::format("socket:[{}]", inode);
  }
}

std::string text_of(const zc_place& place, const zc_name& name) {
  if (place.kind == ZC_AT_SOCKET) return socket_name(name, place.ino);
  if (name.first >= ZC_PATH) return "";
  const char* first = name.path + name.first;
  std::string path(first, strnlen(first, ZC_PATH - name.first));
  if (name.truncated) path = "\u2026" + path;
  if (path.starts_with("/[")) return "anon_inode:" + path.substr(1);  // as /proc/PID/fd shows it
  if (name.deleted && !path.starts_with("/memfd:")) path += " (deleted)";
  return path;
}

}  // namespace

void FlowTable::take_name(const zc_place& place) {
  if (place.kind == ZC_AT_MEMORY) return;
  const auto [known, added] = names_.try_emplace(place);
  if (!added && !known->second.text.empty()) return;
  zc_name name{};
  if (place.kind == ZC_AT_PIPE)
    known->second.text = fmt::format("pipe:[{}]", place.ino);
  else if (place.kind == ZC_AT_PROCESS)
    known->second.text = fmt::format("process {}", place.ino);
  else if (bpf_map_lookup_elem(maps_.names, &place, &name) == 0)
    known->second = name_of(place, name);
}

FlowTable::Name FlowTable::name_of(const zc_place& place, const zc_name& name) {
  Name known{text_of(place, name)};
  known.filesystem.assign(name.filesystem, strnlen(name.filesystem, ZC_FILESYSTEM));
  if (place.kind != ZC_AT_SOCKET) return known;
  known.datagrams = name.type == SOCK_DGRAM && (name.family == AF_INET || name.family == AF_INET6);
  known.sends_from = name.sends_from;
  known.receives_from = name.receives_from;
  known.peer = name.peer_ino;
  return known;
}

/// By what the kernel has of them. Addresses would not do: each network namespace has its own, and a port is another
/// connection's soon.
FlowTable::Peers FlowTable::peers() const {
  Peers peers;
  std::multimap<std::pair<uint32_t, uint32_t>, const zc_place*> streams;  ///< by where they begin
  for (const auto& [place, name] : names_) {
    if (place.kind != ZC_AT_SOCKET) continue;
    if (name.sends_from || name.receives_from) streams.emplace(std::pair(name.sends_from, name.receives_from), &place);
    if (!name.peer) continue;
    peers[place] = name.peer;
    zc_place other = place;
    other.ino = name.peer;
    peers.try_emplace(other, place.ino);
  }
  const auto other_ends = [&](const zc_place& place) {
    const Name& name = names_.at(place);
    std::vector<const zc_place*> found;
    for (const uint32_t sends : {name.receives_from, name.receives_from - 1})
      for (const uint32_t receives : {name.sends_from, name.sends_from + 1})
        for (auto [at, end] = streams.equal_range({sends, receives}); at != end; ++at)
          if (at->second->ino != place.ino) found.push_back(at->second);
    return found;
  };
  for (const auto& [begin, place] : streams) {
    const auto found = other_ends(*place);
    if (found.size() == 1 && other_ends(*found[0]).size() == 1) peers[*place] = found[0]->ino;
  }
  return peers;
}

void FlowTable::take_new_names() {
  const uint32_t renames = *maps_.renames;
  if (renames == renames_) return;
  renames_ = renames;
  for (auto& [place, known] : names_) {
    zc_name name{};
    if (place.kind != ZC_AT_FILE || bpf_map_lookup_elem(maps_.names, &place, &name) != 0) continue;
    const std::string now = text_of(place, name);
    if (now.empty() || now == known.text) continue;
    first_names_.try_emplace(place, known.text);
    known.text = now;
  }
}

void FlowTable::keep_names_of_flows() {
  std::map<zc_place, Name, PlaceOrder> names;
  for (const auto& [ends, entry] : entries_)
    for (const zc_place& place : {entry.from, entry.to})
      if (const auto known = names_.find(place); known != names_.end()) names.insert(*known);
  names_ = std::move(names);
  std::erase_if(first_names_, [&](const auto& renamed) { return !names_.contains(renamed.first); });
}

/// The kernel learns a name again when its place is used again. One that is in no flow yet may be in one soon: what was
/// read may still be written.
void FlowTable::forget_names() {
  const auto none = [](const zc_place&, const zc_name&) { return false; };
  const auto all = [](const zc_place&, const zc_name&) { return true; };
  if (take_each<zc_place, zc_name>(maps_.names, none, {}) < ZC_MAX_NAMES / 2) return;
  take_each<zc_place, zc_name>(maps_.names, all, [&](const zc_place& place, const zc_name& name) {
    names_.try_emplace(place, name_of(place, name));
  });
  if (names_.size() > 4 * most_) keep_names_of_flows();
}

FlowEnd FlowTable::end_of(const zc_place& place, const Peers& peers) const {
  FlowEnd end;
  end.kind = to_flow_end_kind(place.kind);
  end.device = place.dev;
  end.inode = place.ino;
  if (const auto* fold = connections_.fold(place)) {
    end.name = fold->name;
    end.connections = fold->sockets;
  } else if (const auto known = names_.find(place); known != names_.end()) {
    end.name = known->second.text;
    if (end.kind == FlowEndKind::file) end.filesystem = known->second.filesystem;
    if (const auto peer = peers.find(place); peer != peers.end()) end.peer_inode = peer->second;
  }
  if (const auto first = first_names_.find(place); first != first_names_.end()) end.first_name = first->second;
  return end;
}

bool FlowTable::has_datagrams(const zc_place& place) const {
  if (const auto* fold = connections_.fold(place)) return fold->name.starts_with("udp ");
  const auto known = names_.find(place);
  return known != names_.end() && known->second.datagrams;
}

}  // namespace zctrace::capture
