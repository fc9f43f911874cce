#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "base/text.h"
#include "model/timeline/chains.h"
#include "tests/unit/program_samples.h"
#include "viz/terminal/chain_table.h"

namespace chains_test {

using namespace zctrace;
using namespace zctrace::timeline;
using samples::file;
using samples::kMiB;
using samples::memory;
using samples::part;

namespace {

FlowEnd pipe_end(uint64_t inode) { return {FlowEndKind::pipe, fmt::format("pipe:[{}]", inode), 13, inode}; }

FlowEnd tcp(const std::string& name, uint64_t inode, uint64_t peer) {
  FlowEnd end = samples::socket("tcp " + name, inode);
  end.peer_inode = peer;
  return end;
}

Flow flow(FlowEnd from, FlowEnd to, uint64_t bytes, unsigned copies, const std::string& command = "",
          uint64_t repeated = 0) {
  const bool linked = from.kind != FlowEndKind::memory && to.kind != FlowEndKind::memory;
  Flow flow{std::move(from), std::move(to), {part(FlowMethod::read_write, FlowLink::buffer, bytes, 1, copies)}};
  if (!linked) flow.parts[0].link = FlowLink::none;
  flow.parts[0].repeated_bytes = repeated;
  if (!command.empty()) set_process(flow, Process{.command = command, .pid = static_cast<uint32_t>(command[0])});
  return flow;
}

/// "0-1 4096..4096 3.00; 2-1 100..100 also_in after 0 by 4096"
std::string found(const std::vector<Flow>& list) {
  std::string all;
  for (const auto& chain : chains({.list = list})) {
    all += all.empty() ? "" : "; ";
    for (size_t i = 0; i < chain.flows.size(); ++i) all += fmt::format("{}{}", i ? "-" : "", chain.flows[i]);
    all += fmt::format(" {}..{} ", chain.bytes_at_least, chain.bytes_at_most);
    CHECK(chain.whole.has_value() == (chain.broken == ChainBreak::none));
    all += chain.whole ? fmt::format("{:.2f}", copies_per_byte(*chain.whole).value_or(-1))
                       : fmt::format("{} after {} by {}", text(chain.broken), chain.broken_after, chain.broken_bytes);
  }
  return all;
}

const FlowEnd kServer = tcp("127.0.0.1:80 - 127.0.0.1:40001", 1, 2), kClient = tcp("127.0.0.1:40001 - 127.0.0.1:80", 2, 1);

}  // namespace

TEST_CASE("what went into a pipe is joined to what came out of it, and not through a program's memory") {
  CHECK(found({flow(file("/big", 1), pipe_end(7), 4096, 2), flow(pipe_end(7), memory(), 4096, 1),
               flow(memory(), file("/big.gz", 2), 1000, 1)}) == "0-1 4096..4096 3.00");
  CHECK(found({flow(file("/big", 1), pipe_end(7), 4096, 2), flow(pipe_end(8), memory(), 4096, 1)}) == "");
  // Nor through a file: it may have held other bytes as well.
  CHECK(found({flow(memory(), file("/f", 1), 4096, 1), flow(file("/f", 1), memory(), 4096, 1)}) == "");
  // Over three of them; the order of the list is another.
  CHECK(found({flow(pipe_end(8), memory(), 10, 1), flow(file("/a", 1), pipe_end(7), 10, 2),
               flow(pipe_end(7), pipe_end(8), 10, 0)}) == "1-2-0 10..10 3.00");
}

TEST_CASE("the two ends of a connection are joined in both directions, by what the kernel has of them") {
  CHECK(found({flow(file("/big", 1), kServer, 4096, 0), flow(kClient, memory(), 4096, 1),
               flow(memory(), kClient, 80, 1), flow(kServer, memory(), 80, 1)}) ==
        "0-1 4096..4096 1.00; 2-3 80..80 2.00");
  // The same addresses in another network namespace, or of a later connection: the inodes tell.
  auto other = kClient;
  other.inode = 12;
  other.peer_inode = 11;
  CHECK(found({flow(file("/big", 1), kServer, 4096, 0), flow(other, memory(), 4096, 1)}) == "");
  // Mirrored addresses alone say too little.
  CHECK(found({flow(file("/big", 1), samples::socket("tcp 10.0.0.1:80 - 10.0.0.2:40001", 1), 4096, 0),
               flow(samples::socket("tcp 10.0.0.2:40001 - 10.0.0.1:80", 2), memory(), 4096, 1)}) == "");
  // A unix socket's other end, and connections that are told together: of no inode.
  FlowEnd one = samples::socket("unix:[21]", 21), two = samples::socket("unix:[22]", 22);
  one.peer_inode = 22;
  two.peer_inode = 21;
  CHECK(found({flow(memory(), one, 5, 1), flow(two, memory(), 5, 1)}) == "0-1 5..5 2.00");
  FlowEnd folded{FlowEndKind::socket, "tcp 10.0.0.1:80 - *"};
  folded.connections = 40;
  CHECK(found({flow(file("/big", 1), folded, 4096, 0), flow(folded, memory(), 4096, 1)}) == "");
  // An echo comes back, and ends there.
  CHECK(found({flow(memory(), kClient, 9, 1), flow(kServer, kServer, 9, 2), flow(kClient, memory(), 9, 1)}) ==
        "0-1-2 9..9 4.00");
}

TEST_CASE("no total where flows of a chain moved other bytes") {
  SUBCASE("a server's head before the file") {
    CHECK(found({flow(file("/big", 1), kServer, 4096, 0), flow(memory(), kServer, 240, 1),
                 flow(kClient, memory(), 4336, 1)}) ==
          "0-2 4096..4096 also_in after 0 by 240; 1-2 240..240 also_in after 0 by 4096");
  }
  SUBCASE("two readers") {
    CHECK(found({flow(file("/big", 1), pipe_end(7), 100, 2), flow(pipe_end(7), file("/x", 2), 60, 2),
                 flow(pipe_end(7), file("/y", 3), 40, 2)}) ==
          "0-1 60..60 also_out after 0 by 40; 0-2 40..40 also_out after 0 by 60");
  }
  SUBCASE("still under way, or more than was seen to go in") {
    CHECK(found({flow(file("/big", 1), kServer, 100, 0), flow(kClient, memory(), 90, 1)}) ==
          "0-1 90..90 not_out after 0 by 10");
    CHECK(found({flow(file("/big", 1), pipe_end(7), 90, 2), flow(pipe_end(7), memory(), 100, 1)}) ==
          "0-1 90..90 not_in after 0 by 10");
  }
  SUBCASE("from one buffer to two places") {
    CHECK(found({flow(file("/big", 1), pipe_end(7), 100, 2), flow(pipe_end(7), file("/x", 2), 100, 2),
                 flow(pipe_end(7), file("/y", 3), 100, 1, "", 100)}) ==
          "0-1 100..100 4.00; 0-2 100..100 sent_again after 0 by 100");
  }
}

TEST_CASE("where bytes may have gone either way, nothing is joined") {
  // Two writers and two readers of one pipe: whose are whose?
  CHECK(found({flow(memory(), pipe_end(7), 50, 1, "a"), flow(memory(), pipe_end(7), 50, 1, "b"),
               flow(pipe_end(7), memory(), 50, 1, "c"), flow(pipe_end(7), memory(), 50, 1, "d")}) == "");
  // 20 of the first writer's 70 must be among the last 50, as only 30 others were there.
  CHECK(found({flow(memory(), pipe_end(7), 70, 1, "a"), flow(memory(), pipe_end(7), 30, 1, "b"),
               flow(pipe_end(7), memory(), 50, 1, "c"), flow(pipe_end(7), memory(), 50, 1, "d")}) ==
        "0-2 20..50 also_in after 0 by 30; 0-3 20..50 also_in after 0 by 30");
  // Each two of these three share bytes, and yet none need have gone all the way.
  CHECK(found({flow(memory(), pipe_end(7), 60, 1, "a"), flow(memory(), pipe_end(7), 40, 1, "b"),
               flow(pipe_end(7), pipe_end(8), 100, 2, "c"), flow(pipe_end(8), memory(), 40, 1, "d"),
               flow(pipe_end(8), memory(), 60, 1, "e")}) ==
        "0-2-4 20..60 also_in after 0 by 40; 1-2 40..40 also_in after 0 by 60; 2-3 40..40 also_out after 0 by 60");
}

TEST_CASE("a chain's copies are as certain as those of its flows") {
  std::vector<Flow> list{flow(file("/big", 1), kServer, 4096, 0), flow(kClient, memory(), 4096, 1)};
  list[0].parts[0].at_least_by = Uncounted::network;
  CHECK(copies_evidence(*chains({.list = list})[0].whole) == Evidence::at_least);
  list[0].parts[0].copies_known = false;
  CHECK(!copies_per_byte(*chains({.list = list})[0].whole));
}

TEST_CASE("chains are shown by their processes, and those of many connections in one row") {
  auto document = samples::program({"sh", "-c", "server & clients"});
  auto& list = document.ledger.flows->list;
  const auto connect = [&](uint64_t n, uint64_t header) {
    const auto own = tcp(fmt::format("127.0.0.1:80 - 127.0.0.1:{}", 40000 + n), 100 + n, 1000 + n);
    const auto peer = tcp(fmt::format("127.0.0.1:{} - 127.0.0.1:80", 40000 + n), 1000 + n, 100 + n);
    list.push_back(flow(file("/srv/big.iso", 1), own, kMiB, 0, "server"));
    if (header) list.push_back(flow(memory(), own, header, 1, "server"));
    list.push_back(flow(peer, memory(), kMiB + header, 1, "client"));
  };
  const auto text = [&](int width, Language language = Language::english) {
    terminal::Style style;
    style.language = language;
    style.width = width;
    std::string all;
    for (const auto& line : terminal::chain_table(document.run, *document.ledger.flows, style)) {
      CHECK(columns(line) <= width);
      all += line + "\n";
    }
    return all;
  };
  CHECK(text(80) == "");
  connect(1, 0);
  CHECK(text(100) == R"( chains of flows: the same bytes, from one process to the next
 /srv/big.iso → tcp 127.0.0.1:80 - 127.0.0.1:40001 → memory of client (99)
      1.00    1.00 MiB  the whole way
      0.00    1.00 MiB    read + write, same buffer: server (115)
      1.00    1.00 MiB    read + write: client (99)
)");
  CHECK(text(60, Language::chinese).find("无总数") == std::string::npos);
  list.clear();
  connect(1, 240);
  CHECK(text(100).find("no total: 240 B of other flows went into tcp 127.0.0.1:80 - 127.0.0.1:40001 too\n") !=
        std::string::npos);
  CHECK(text(60, Language::chinese).find("无总数：另有 240 B") != std::string::npos);
  CHECK(text(100).find("and 1 more: 240 B\n") != std::string::npos);
  list.clear();
  for (uint64_t n = 1; n <= 40; ++n) connect(n, 0);
  CHECK(text(110) == R"( chains of flows: the same bytes, from one process to the next
 /srv/big.iso → tcp 127.0.0.1:80 - 127.0.0.1:* ×40 → memory of client (99)
      1.00    40.0 MiB  the whole way, 40 alike
      0.00    40.0 MiB    read + write, same buffer: server (115)
      1.00    40.0 MiB    read + write: client (99)
)");
  document.ledger.flows->shown.processes = {"nobody"};
  CHECK(text(80) == "");
}

}  // namespace chains_test
