#include <bpf/bpf.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "model/timeline/flow_match.h"
#include "userspace/capture/flow_table.h"

namespace capture_flows_test {

using namespace zctrace;
using capture::FlowMaps;
using capture::FlowTable;

namespace {

/// The kernel's maps, filled by hand.
struct Maps {
  Maps()
      : flows(bpf_map_create(BPF_MAP_TYPE_HASH, "flows", sizeof(zc_flow_key), sizeof(zc_flow_sum), 4096, nullptr)),
        buffers(
            bpf_map_create(BPF_MAP_TYPE_HASH, "buffers", sizeof(zc_buffer_key), sizeof(zc_pending_read), 64, nullptr)),
        pipes(bpf_map_create(BPF_MAP_TYPE_HASH, "pipes", sizeof(zc_place), sizeof(zc_pending_read), 64, nullptr)),
        names(bpf_map_create(BPF_MAP_TYPE_HASH, "names", sizeof(zc_place), sizeof(zc_name), ZC_MAX_NAMES, nullptr)),
        writers(bpf_map_create(BPF_MAP_TYPE_HASH, "writers", sizeof(zc_file), sizeof(zc_flow_key), ZC_MAX_WRITERS,
                               nullptr)),
        processes(bpf_map_create(BPF_MAP_TYPE_HASH, "processes", sizeof(zc_process), sizeof(zc_process_facts), 64,
                                 nullptr)) {}
  ~Maps() {
    for (const int fd : {flows, buffers, pipes, names, writers, processes})
      if (fd >= 0) close(fd);
  }
  bool made() const { return flows >= 0 && buffers >= 0 && pipes >= 0 && names >= 0 && writers >= 0; }
  FlowMaps fds() { return {flows, buffers, pipes, names, writers, processes, &generation, &renames}; }

  int flows, buffers, pipes, names, writers, processes;
  uint32_t generation = 0, renames = 0;

  void move(uint64_t from, uint64_t to, uint64_t bytes, uint64_t when, zc_method method = ZC_SENDFILE,
            const std::string& thread = "worker", zc_process process = {}) {
    zc_flow_key key{};
    key.process = process;
    key.from.ino = from;
    key.from.kind = ZC_AT_FILE;
    key.to.ino = to;
    key.to.kind = ZC_AT_SOCKET;
    key.method = static_cast<uint8_t>(method);
    key.generation = generation;
    zc_flow_sum sum{};
    bpf_map_lookup_elem(flows, &key, &sum);
    sum.flow.bytes += bytes;
    sum.flow.cost.calls += 1;
    sum.flow.last = when;
    for (zc_thread& by : sum.threads) {
      if (thread != by.name && *by.name) continue;
      thread.copy(by.name, ZC_THREAD_NAME - 1);
      by.bytes += bytes;
      break;
    }
    REQUIRE(bpf_map_update_elem(flows, &key, &sum, BPF_ANY) == 0);
  }

  void name_socket(uint64_t inode, const zc_name& name) {
    zc_place place{};
    place.kind = ZC_AT_SOCKET;
    place.ino = inode;
    REQUIRE(bpf_map_update_elem(names, &place, &name, BPF_ANY) == 0);
  }

  void introduce(zc_process process, const std::string& command, uint64_t ended = 0) {
    zc_process_facts facts{};
    command.copy(facts.name, sizeof facts.name - 1);
    facts.here = process.tgid;
    facts.ended = ended;
    REQUIRE(bpf_map_update_elem(processes, &process, &facts, BPF_ANY) == 0);
  }

  unsigned left() const {
    zc_flow_key key{};
    unsigned count = 0;
    for (const void* at = nullptr; bpf_map_get_next_key(flows, at, &key) == 0; at = &key) count++;
    return count;
  }
};

uint64_t all_bytes(const timeline::Flows& flows) {
  return std::accumulate(flows.list.begin(), flows.list.end(), uint64_t{0},
                         [](uint64_t sum, const timeline::Flow& flow) { return sum + total(flow).bytes; });
}

bool may_not_make_maps() { return !Maps().made(); }

}  // namespace

TEST_CASE("a flow names its threads, those that moved most first, over the whole trace" *
          doctest::skip(may_not_make_maps())) {
  Maps maps;
  FlowTable table(maps.fds(), false);
  for (const auto& [thread, bytes] : {std::pair{"acceptor", 10}, {"network", 500}, {"acceptor", 20}})
    maps.move(1, 100, static_cast<uint64_t>(bytes), 5, ZC_SENDFILE, thread);
  table.take(0, false);
  table.take(0, false);
  maps.move(1, 100, 1000, 6, ZC_SENDFILE, "another");
  table.take(0, true);
  const auto flows = table.flows(0);
  REQUIRE(flows.list.size() == 1);
  CHECK(flows.list[0].parts.at(0).threads == std::vector<std::string>{"another", "network", "acceptor"});
  CHECK(!flows.list[0].parts[0].more_threads);
  for (int i = 0; i < 40; i++) {
    maps.move(2, 100, 10, 7, ZC_SENDFILE, "pool-" + std::to_string(i));
    table.take(0, true);
  }
  for (const auto& flow : table.flows(0).list) {
    if (flow.from.inode != 2) continue;
    CHECK(flow.parts.at(0).threads.size() == timeline::kThreads);
    CHECK(flow.parts.at(0).more_threads);
  }
}

TEST_CASE("a flow is of one process, and where many have one name the further ones are told together" *
          doctest::skip(may_not_make_maps())) {
  Maps maps;
  FlowTable table(maps.fds(), false);
  constexpr uint64_t kSecond = 1'000'000'000;
  for (uint32_t pid = 1; pid <= 12; pid++) {
    maps.introduce({pid, 7}, "cat", kSecond);
    maps.move(1, 100, pid, 5, ZC_SENDFILE, "cat", {pid, 7});
  }
  maps.introduce({1, 8}, "cmp");  // the same number, another program
  maps.move(1, 100, 1000, 5, ZC_SENDFILE, "cmp", {1, 8});
  maps.move(1, 100, 2000, 5, ZC_SENDFILE, "?", {99, 1});  // of which nothing is known
  table.take(10 * kSecond, true);
  // Its name is kept beyond its end.
  maps.move(1, 100, 50, 6, ZC_SENDFILE, "cat", {2, 7});
  table.take(20 * kSecond, true);
  std::map<std::string, uint64_t> bytes;
  unsigned alone = 0, together = 0;
  for (const auto& flow : table.flows(0).list) {
    const auto process = flow.process.value_or(timeline::Process{});
    bytes[process.command] += total(flow).bytes;
    if (process.command != "cat") continue;
    alone += process.pid != 0;
    together += process.pid == 0;
    // Which of them are told alone is the map's order.
    if (process.pid > 2) CHECK(total(flow).bytes == process.pid);
    if (process.pid == 0) CHECK(process.count == 4);
  }
  CHECK(alone == 8);
  CHECK(together == 1);
  CHECK(bytes["cat"] == 78 + 50);
  CHECK(bytes["cmp"] == 1000);
  CHECK(bytes[""] == 2000);
}

TEST_CASE("flows are taken out of the kernel once each, whenever it is asked" * doctest::skip(may_not_make_maps())) {
  Maps maps;
  FlowTable table(maps.fds(), false);
  maps.move(1, 100, 10, 5);
  table.take(0, false);  // the newest sums may be changed just now
  CHECK(table.flows(0).list.empty());
  maps.move(1, 100, 20, 6);
  maps.move(1, 100, 3, 7, ZC_READ_WRITE);
  table.take(0, false);
  CHECK(all_bytes(table.flows(0)) == 10);
  table.take(0, true);
  const auto flows = table.flows(0);
  CHECK(all_bytes(flows) == 33);
  REQUIRE(flows.list.size() == 1);
  CHECK(flows.list[0].parts.size() == 2);
  CHECK(maps.left() == 0);
}

TEST_CASE("a trace of any length holds so many flows and no more, and loses no byte" *
          doctest::skip(may_not_make_maps())) {
  constexpr size_t kMost = 100;
  Maps maps;
  FlowTable table(maps.fds(), false, kMost);
  uint64_t moved = 0;
  for (uint64_t i = 1; i <= 5000; ++i) {
    maps.move(i % 7 + 1, 1000 + i, i, i);
    moved += i;
    if (i % 50 != 0) continue;
    table.take(0, false);
    CHECK(table.flows(0).list.size() <= kMost + 100);
  }
  table.take(0, true);
  const auto flows = table.flows(0);
  CHECK(all_bytes(flows) == moved);
  CHECK(flows.list.size() <= kMost);
  CHECK(flows.merged + flows.list.size() >= 5000);
  CHECK(maps.left() == 0);
}

TEST_CASE("the kernel's table of names never stays full, and no flow loses its name for it" *
          doctest::skip(may_not_make_maps())) {
  Maps maps;
  FlowTable table(maps.fds(), false);
  zc_place place{};
  place.kind = ZC_AT_FILE;
  zc_name name{};
  name.first = 0;
  for (uint64_t i = 1; i <= ZC_MAX_NAMES; ++i) {  // used, and nothing was moved: in no flow
    place.ino = i;
    snprintf(name.path, sizeof name.path, "/file-%lu", static_cast<unsigned long>(i));
    REQUIRE(bpf_map_update_elem(maps.names, &place, &name, BPF_ANY) == 0);
  }
  table.take(0, false);
  CHECK(bpf_map_get_next_key(maps.names, nullptr, &place) != 0);
  maps.move(5, 100, 10, 5);
  maps.move(6, 100, 10, 5);
  table.take(0, true);
  const auto flows = table.flows(0);
  REQUIRE(flows.list.size() == 2);
  CHECK(flows.list[0].from.name.starts_with("/file-"));
  CHECK(flows.list[1].from.name.starts_with("/file-"));
}

static zc_name stream_socket(uint16_t family) {
  zc_name name{};
  name.family = family;
  name.type = SOCK_STREAM;
  return name;
}

TEST_CASE("a thousand connections are told apart, and what the others share is the name of them all" *
          doctest::skip(may_not_make_maps())) {
  constexpr unsigned kSockets = 5000, kWhole = 1000;
  Maps maps;
  FlowTable table(maps.fds(), false);
  const auto connect = [&](uint64_t inode, unsigned own_port, unsigned peer_host, unsigned peer_port) {
    zc_name name = stream_socket(AF_INET);
    name.own_port = static_cast<uint16_t>(own_port);
    name.peer_port = static_cast<uint16_t>(peer_port);
    name.own[0] = name.peer[0] = 10;
    name.own[3] = 1;
    name.peer[2] = static_cast<uint8_t>(peer_host >> 8);
    name.peer[3] = static_cast<uint8_t>(peer_host);
    maps.name_socket(inode, name);
    maps.move(1, inode, 10, inode);
  };
  const auto take_at = [&](unsigned i) {
    if (i % 500 == 499) table.take(0, false);
  };
  const auto in_all = [&](const timeline::Flows& flows) {
    uint64_t connections = 0;
    for (const auto& flow : flows.list) connections += flow.to.connections;
    return connections;
  };

  SUBCASE("of one client") {
    for (unsigned i = 0; i < kSockets; ++i) connect(100 + i, 80, 2, 40000 + i), take_at(i);
    maps.move(1, 100, 10, 1);           // one of the first
    maps.move(1, 100 + 4000, 10, 1);    // one of the others: not one more
    table.take(0, true);
    const auto flows = table.flows(0);
    CHECK(flows.list.size() == kWhole + 1);
    CHECK(all_bytes(flows) == 10 * (kSockets + 2));
    CHECK(flows.list[0].to.name == "tcp 10.0.0.1:80 - 10.0.0.2:*");
    CHECK(flows.list[0].to.connections == kSockets - kWhole);
    CHECK(in_all(flows) == kSockets - kWhole);
    const auto together = timeline::told_together(flows, timeline::Alike::numbers);
    REQUIRE(together.list.size() == 1);
    CHECK(together.list[0].to.name == "tcp 10.0.0.1:80 - 10.0.0.2:* ×5000");
    CHECK(timeline::total(together.list[0]).bytes == 10 * (kSockets + 2));
  }
  SUBCASE("of as many clients") {
    for (unsigned i = 0; i < kSockets; ++i) connect(100 + i, 80, 256 + i, 40000), take_at(i);
    table.take(0, true);
    const auto flows = table.flows(0);
    CHECK(flows.list.size() == kWhole + 1);
    CHECK(flows.list[0].to.name == "tcp 10.0.0.1:80 - *");
    CHECK(in_all(flows) == kSockets - kWhole);
  }
  SUBCASE("to one server") {
    for (unsigned i = 0; i < kSockets; ++i) connect(100 + i, 40000 + i, 2, 9092), take_at(i);
    table.take(0, true);
    const auto flows = table.flows(0);
    CHECK(flows.list.size() == kWhole + 1);
    CHECK(flows.list[0].to.name == "tcp 10.0.0.1:* - 10.0.0.2:9092");
  }
  SUBCASE("that have nothing in common") {
    for (unsigned i = 0; i < kSockets; ++i) connect(100 + i, 10000 + i, 256 + i, 20000 + i), take_at(i);
    table.take(0, true);
    const auto flows = table.flows(0);
    CHECK(flows.list.size() == kWhole + 1);
    CHECK(flows.list[0].to.name == "tcp * - *");
    CHECK(in_all(flows) == kSockets - kWhole);
  }
}

TEST_CASE("files that were written to long ago are forgotten before the kernel's table of them is full" *
          doctest::skip(may_not_make_maps())) {
  constexpr uint64_t kMinute = 60'000'000'000, kOld = ZC_MAX_WRITERS / 2, kNew = 10;
  Maps maps;
  FlowTable table(maps.fds(), false);
  const auto write_to = [&](uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count; ++i) {
      zc_file file{};
      file.ino = i;
      zc_flow_key flow{};
      flow.generation = maps.generation;
      REQUIRE(bpf_map_update_elem(maps.writers, &file, &flow, BPF_ANY) == 0);
    }
  };
  const auto count = [&] {
    zc_file file{};
    uint64_t found = 0;
    for (const void* at = nullptr; bpf_map_get_next_key(maps.writers, at, &file) == 0; at = &file) found++;
    return found;
  };
  write_to(1, kOld);
  table.take(2 * kMinute, false);
  write_to(kOld + 1, kNew);
  table.take(2 * kMinute + kMinute / 2, false);
  CHECK(count() == kOld + kNew);  // their pages may be written to the disk yet
  table.take(3 * kMinute, false);
  CHECK(count() == kNew);
}

TEST_CASE("what was read and not passed on is accounted for after a while, and once" *
          doctest::skip(may_not_make_maps())) {
  Maps maps;
  FlowTable table(maps.fds(), false);
  zc_buffer_key key{};
  key.address = 0x1000;
  zc_pending_read pending{};
  pending.from.ino = 5;
  pending.from.kind = ZC_AT_FILE;
  pending.bytes = 512;
  pending.t = pending.used = 1'000'000'000;
  pending.method = ZC_ONLY_READ;
  REQUIRE(bpf_map_update_elem(maps.buffers, &key, &pending, BPF_ANY) == 0);
  table.take(2'000'000'000, false);
  CHECK(table.flows(0).list.empty());  // it may go on yet
  table.take(4'000'000'000, false);
  table.take(9'000'000'000, true);
  const auto flows = table.flows(0);
  REQUIRE(flows.list.size() == 1);
  CHECK(flows.list[0].to.kind == timeline::FlowEndKind::memory);
  CHECK(total(flows.list[0]).bytes == 512);
}

TEST_CASE("a socket's other end is known by what the kernel has of both, not by addresses" *
          doctest::skip(may_not_make_maps())) {
  Maps maps;
  FlowTable table(maps.fds(), false);
  const auto open = [&](uint64_t inode, uint16_t family, uint32_t sends_from, uint32_t receives_from, uint64_t peer = 0) {
    zc_name name = stream_socket(family);
    name.own[0] = name.peer[0] = 127;
    name.own_port = name.peer_port = 80;
    name.sends_from = sends_from;
    name.receives_from = receives_from;
    name.peer_ino = peer;
    maps.name_socket(inode, name);
    maps.move(1, inode, 10, 5);
  };
  // One connected, and the number of its first packet is one less than that of its first byte; the other accepted.
  open(11, AF_INET, 0xffffffff, 5000);
  open(12, AF_INET, 5000, 0);
  open(13, AF_INET, 7000, 0);      // of addresses alike, another connection's
  open(14, AF_INET, 0, 0);         // not known
  open(15, AF_INET, 0, 0);
  open(16, AF_INET, 900, 800);     // three ends of one cannot be
  open(17, AF_INET, 800, 900);
  open(18, AF_INET, 800, 900);
  open(21, AF_UNIX, 0, 0);         // used before it was accepted: the other one knows
  open(22, AF_UNIX, 0, 0, 21);
  table.take(0, true);
  std::map<uint64_t, uint64_t> peers;
  for (const auto& flow : table.flows(0).list) peers[flow.to.inode] = flow.to.peer_inode;
  CHECK(peers == std::map<uint64_t, uint64_t>{
                     {11, 12}, {12, 11}, {13, 0}, {14, 0}, {15, 0}, {16, 0}, {17, 0}, {18, 0}, {21, 22}, {22, 21}});
}

}  // namespace capture_flows_test
