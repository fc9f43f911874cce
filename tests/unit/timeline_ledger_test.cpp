#include <doctest/doctest.h>

#include "model/timeline/check.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "tests/unit/timeline_samples.h"

namespace timeline_ledger_test {

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

/// Two writes with a folded copy each, one disk request, one packet, one fault; the ledger that belongs to them.
Document small() {
  Document document;
  auto& run = document.run;
  run.size = 200;
  run.chunk = 100;
  auto& evidence = run.evidence;
  evidence.copies = evidence.receiver_copies = evidence.system_calls = evidence.page_faults = Evidence::exact;
  evidence.context_switches = evidence.disk = evidence.nic = Evidence::exact;
  document.names = {"", "write", "_copy_from_iter", "read", "eth0"};
  Event call;
  call.kind = EventKind::syscall;
  call.name = 1;
  call.folded[0] = {2, End::user_buffer, End::socket_buffer, Mover::cpu, {}, 1, 5, 100};
  Event disk;
  disk.kind = EventKind::disk;
  disk.name = 3;
  disk.t_ns = 10;
  disk.bytes = 8192;
  disk.bytes2 = 4096;
  Event packet;
  packet.kind = EventKind::transmit;
  packet.name = 4;
  packet.t_ns = 30;
  packet.bytes = 50;
  packet.bytes2 = 150;
  packet.result = 66;
  Event fault;
  fault.kind = EventKind::fault;
  fault.t_ns = 40;
  fault.result = 1;
  document.events = {call, disk, call, packet, fault};
  document.events[2].t_ns = 20;
  auto& ledger = document.ledger;
  ledger.payload_bytes = 200;
  ledger.copies = {samples::copy(End::user_buffer, End::socket_buffer, Mover::cpu, "_copy_from_iter", 200, 2)};
  ledger.sender.syscalls = {{"write", 2}};
  ledger.sender.mode_switches = {4, 2};
  ledger.sender.user_faults = 1;
  ledger.dma.disk_bytes = 4096;
  ledger.dma.disk_requests = 1;
  ledger.transmit = {1, 200, 50, 150, 66};
  return document;
}

}  // namespace

TEST_CASE("copies per byte are counted by side") {
  auto document = samples::read_write();
  CHECK(cpu_copies_per_byte(document.ledger, Side::sender) == 2.0);
  CHECK(cpu_copies_per_byte(document.ledger, Side::receiver) == 1.0);
  CHECK(cpu_copies_per_byte(samples::sendfile(true).ledger, Side::sender) == 0.0);
  CHECK(cpu_copies_per_byte(samples::sendfile(false).ledger, Side::sender) == 1.0);
  document.ledger.payload_bytes = 0;
  CHECK(cpu_copies_per_byte(document.ledger, Side::sender) == std::nullopt);
}

TEST_CASE("what is not known is no figure") {
  auto document = samples::sendfile(true);
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::sender) == 0.0);
  document.run.evidence.copies_unknown = true;
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::sender) == std::nullopt);
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::receiver) == 1.0);
  document.run.evidence.copies_unknown = false;
  document.run.evidence.copies = document.run.evidence.system_calls = Evidence::none;
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::sender) == std::nullopt);
  CHECK(mode_switches_per_chunk(document.run, document.ledger) == std::nullopt);
}

TEST_CASE("chunks are rounded up") {
  Run run;
  CHECK(chunks(run) == 0);
  run.size = 1;
  run.chunk = 65536;
  CHECK(chunks(run) == 1);
  run.size = 65537;
  CHECK(chunks(run) == 2);
  run.size = ~uint64_t{0};
  run.chunk = 2;
  CHECK(chunks(run) == uint64_t{1} << 63);
}

TEST_CASE("edges are sums in the order of travel, the most of each first") {
  const auto document = samples::sendfile(false);
  const auto all = edges(document.ledger, Side::sender);
  REQUIRE(all.size() == 4);
  CHECK(all[0].from == End::disk);
  CHECK(all[1].by == Mover::reference);
  CHECK(all[2].from == End::socket_buffer);
  CHECK(all[2].to == End::socket_buffer);
  CHECK(all[2].bytes == samples::kSize);
  CHECK(all[2].calls == 2897);
  CHECK(all[2].copies[0].context == Context::syscall);
}

TEST_CASE("copies of one key become one, of the worse evidence") {
  auto copies = samples::sendfile(false).ledger.copies;
  const auto count = copies.size();
  copies.push_back(copies.back());
  copies.back().evidence = Evidence::inferred;
  merge_copies(copies);
  REQUIRE(copies.size() == count);
  CHECK(copies.back().bytes == 2 * samples::kMiB);
  CHECK(copies.back().calls == 2 * 724);
  CHECK(copies.back().evidence == Evidence::inferred);
}

TEST_CASE("names go both ways") {
  CHECK(text(End::page_cache) == "page cache");
  CHECK(value_of<End>("socket buffer") == End::socket_buffer);
  CHECK(value_of<EventKind>("off_cpu") == EventKind::off_cpu);
  CHECK(value_of<Mover>("CPU") == std::nullopt);
  CHECK(words<Side>() == "sender, receiver");
}

TEST_CASE("timeline and ledger that agree have nothing to report") {
  CHECK(check(small()) == std::vector<std::string>{});
}

TEST_CASE("the check finds each wrong sum") {
  auto document = small();
  auto& ledger = document.ledger;
  SUBCASE("bytes of a copy") { ledger.copies[0].bytes = 199; }
  SUBCASE("calls of a copy") { ledger.copies[0].calls = 3; }
  SUBCASE("a copy that no event shows") {
    ledger.copies.push_back(samples::copy(End::page_cache, End::user_buffer, Mover::cpu, "_copy_to_iter", 1, 1));
  }
  SUBCASE("a copy that the ledger lacks") { ledger.copies.clear(); }
  SUBCASE("system calls") { document.events.erase(document.events.begin() + 2); }
  SUBCASE("disk bytes") { ledger.dma.disk_bytes = 8192; }
  SUBCASE("packets") { ledger.transmit.packets = 2; }
  SUBCASE("linear bytes") { document.events[3].bytes = 51; }
  SUBCASE("faults") { document.events.pop_back(); }
  SUBCASE("mode switches") { ledger.sender.mode_switches.syscall = 5; }
  SUBCASE("payload of the packets") { ledger.transmit.payload_bytes = 201; }
  SUBCASE("order") { document.events[0].t_ns = 11; }
  SUBCASE("losses by kind") { document.run.lost.events = 1; }
  CHECK(!check(document).empty());
}

TEST_CASE("events that are known to be lost are not missing") {
  auto document = small();
  document.events.erase(document.events.begin() + 2);
  document.run.lost = {1, {{"syscall", 1}}};
  CHECK(check(document) == std::vector<std::string>{});
  document.run.lost = {2, {{"syscall", 2}}};
  CHECK(check(document).size() == 1);
}

TEST_CASE("a run that recorded nothing does not pass for one that copied nothing") {
  auto document = small();
  document.ledger.received_bytes = document.ledger.transmit.payload_bytes;
  CHECK(check(document) == std::vector<std::string>{});
  document.ledger.received_bytes += 1;
  CHECK(check(document).size() == 1);
  document.run.complete = false;  // what was under way when it was interrupted is not held against it
  CHECK(check(document) == std::vector<std::string>{});

  Document silent;
  silent.run.evidence.nic = silent.run.evidence.system_calls = Evidence::exact;
  silent.ledger.payload_bytes = silent.ledger.received_bytes = 4096;
  CHECK(check(silent).size() == 2);
}

TEST_CASE("into a file or a pipe nothing is transmitted, and all of it arrives") {
  for (const char* kind : {"file", "pipe"}) {
    auto document = small();
    document.run.path = {};
    document.run.path.kind = kind;
    document.ledger.received_bytes = 200;
    CHECK(check(document).size() == 1);
    std::erase_if(document.events, [](const Event& event) { return event.kind == EventKind::transmit; });
    document.ledger.transmit = {};
    CHECK(check(document) == std::vector<std::string>{});
  }
}

TEST_CASE("nobody reads the file: the receiver has no copies per byte, rather than none") {
  auto document = samples::into(samples::read_write(), "file");
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::sender) == 2.0);
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::receiver) == std::nullopt);
  document = samples::into(samples::read_write(), "pipe");
  CHECK(cpu_copies_per_byte(document.run, document.ledger, Side::receiver) == 1.0);
}

TEST_CASE("what is handed to a device without DMA is a transmit event, not a copy") {
  auto document = small();
  document.ledger.copies.push_back(
      samples::copy(End::socket_buffer, End::nic, Mover::reference, "net_dev_start_xmit", 200, 1));
  CHECK(check(document) == std::vector<std::string>{});
}

}  // namespace timeline_ledger_test
