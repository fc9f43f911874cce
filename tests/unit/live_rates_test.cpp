#include <doctest/doctest.h>

#include "model/timeline/rates.h"
#include "tests/unit/program_samples.h"

namespace live_rates_test {

using namespace zctrace;
using namespace zctrace::samples;
using timeline::Flows;
using timeline::Rates;

namespace {

constexpr uint64_t kSecond = 1'000'000'000, kKiB = 1024;

/// In calls of 64 KiB.
FlowPart moved(FlowMethod method, uint64_t bytes, unsigned copies, uint64_t last_ns = 0) {
  auto moved = part(method, FlowLink::buffer, bytes, bytes / (64 * kKiB), copies);
  moved.last_ns = last_ns;
  return moved;
}

Flow flow(FlowEnd from, FlowEnd to, FlowPart part) { return {std::move(from), std::move(to), {part}, 0, 0, false}; }

Flows sent(uint64_t bytes, uint64_t last_ns = 0) {
  Flows flows;
  flows.list = {flow(file("/a", 11), socket("tcp 10.0.0.1:80 - 10.0.0.2:4711", 12),
                     moved(FlowMethod::sendfile, bytes, 0, last_ns))};
  return flows;
}

}  // namespace

TEST_CASE("rates are those of the last interval, totals those since the beginning") {
  Rates rates;
  rates.take(sent(0), 0);
  rates.take(sent(1024 * kKiB), kSecond);
  rates.take(sent(1536 * kKiB), 3 * kSecond);
  REQUIRE(rates.list().size() == 1);
  const auto& now = rates.list()[0].now;
  CHECK(now.bytes == 512 * kKiB);
  CHECK(now.bytes_per_s() == 256 * kKiB);
  CHECK(now.calls_per_s() == 4);
  CHECK(now.mode_switches_per_s() == 8);
  CHECK(rates.list()[0].all.bytes == 1536 * kKiB);
  CHECK(rates.all().bytes_per_s() == 512 * kKiB);
  CHECK(rates.at_ns() == 3 * kSecond);
}

TEST_CASE("a flow that appears moved all its bytes since the last snapshot") {
  Rates rates;
  rates.take({}, 0);
  rates.take(sent(64 * kKiB), kSecond / 2);
  CHECK(rates.list().at(0).now.bytes_per_s() == 128 * kKiB);
  CHECK(rates.now().bytes == 64 * kKiB);
}

TEST_CASE("before the first interval has passed there is no rate") {
  Rates rates;
  rates.take(sent(64 * kKiB), 0);
  CHECK(rates.now().ns == 0);
  CHECK(rates.now().bytes_per_s() == 0);
}

TEST_CASE("copies per byte: of the interval, and of all") {
  Rates rates;
  auto flows = sent(1024 * kKiB);
  flows.list.push_back(flow(file("/b", 13), socket("tcp b", 14), moved(FlowMethod::read_write, 1024 * kKiB, 2)));
  rates.take(flows, kSecond);
  CHECK(*rates.list()[0].all.copies_per_byte() == 0);
  CHECK(*rates.list()[1].all.copies_per_byte() == 2);
  CHECK(*rates.all().copies_per_byte() == 1);
  CHECK(*rates.all().zero_copy_share() == 0.5);

  flows.list[0] = sent(4096 * kKiB).list[0];
  rates.take(flows, 2 * kSecond);
  CHECK(*rates.now().copies_per_byte() == 0);
  CHECK(*rates.now().zero_copy_share() == 1);
  CHECK_FALSE(rates.list()[1].now.copies_per_byte());  // it did not move
}

TEST_CASE("a byte that was copied once is not zero-copy, however often others were copied") {
  Rates rates;
  Flows flows;
  auto mixed = moved(FlowMethod::sendfile, 1000, 0);
  mixed.cpu_bytes = 400;
  flows.list = {flow(file("/a", 11), socket("tcp a", 12), mixed)};
  flows.list[0].parts.push_back(moved(FlowMethod::read_write, 1000, 2));
  rates.take(flows, kSecond);
  CHECK(*rates.all().zero_copy_share() == 0.3);
}

TEST_CASE("copies that cannot be seen make the figure unknown, not zero") {
  Rates rates;
  auto flows = sent(1024 * kKiB);
  flows.list[0].parts[0].copies_known = false;
  flows.list.push_back(flow(file("/b", 13), socket("tcp b", 14), moved(FlowMethod::read_write, 1024 * kKiB, 2)));
  rates.take(flows, kSecond);
  CHECK_FALSE(rates.list()[0].now.copies_per_byte());
  CHECK_FALSE(rates.all().copies_per_byte());
  CHECK_FALSE(rates.all().zero_copy_share());
  CHECK(*rates.list()[1].now.copies_per_byte() == 2);

  // The one that is unknown rests: what moved in this interval is known.
  flows.list[1].parts[0] = moved(FlowMethod::read_write, 2048 * kKiB, 2);
  rates.take(flows, 2 * kSecond);
  CHECK(*rates.now().copies_per_byte() == 2);
  CHECK_FALSE(rates.all().copies_per_byte());
}

TEST_CASE("what others copied too is a lower bound: of the copies, and of what no CPU copied") {
  Rates rates;
  auto flows = sent(1024 * kKiB);
  flows.list[0].parts[0].at_least_by = timeline::Uncounted::network;
  rates.take(flows, kSecond);
  CHECK(rates.all().copies == timeline::Evidence::at_least);
  CHECK(*rates.all().copies_per_byte() == 0);
  CHECK(*rates.all().zero_copy_share() == 0);
}

TEST_CASE("a flow that rests is quiet and stays in the totals, until it moves again") {
  Rates rates(2 * kSecond);
  auto flows = sent(1024 * kKiB);
  flows.list.push_back(
      flow(file("/b", 13), socket("tcp b", 14), moved(FlowMethod::sendfile, 64 * kKiB, 0, kSecond / 2)));
  for (uint64_t second = 1; second <= 3; ++second) {
    flows.list[0] = sent(1024 * kKiB * second, second * kSecond).list[0];
    rates.take(flows, second * kSecond);
  }
  REQUIRE(rates.list().size() == 2);
  CHECK_FALSE(rates.list()[0].quiet);
  CHECK(rates.list()[1].quiet);
  CHECK(rates.all().bytes == 3072 * kKiB + 64 * kKiB);

  flows.list[1].parts[0] = moved(FlowMethod::sendfile, 128 * kKiB, 0, 4 * kSecond);
  rates.take(flows, 4 * kSecond);
  CHECK_FALSE(rates.list()[1].quiet);
  CHECK(rates.list()[1].now.bytes == 64 * kKiB);
}

TEST_CASE("a name that is learnt late is no new flow") {
  Rates rates;
  auto flows = sent(1024 * kKiB);
  flows.list[0].to.name.clear();
  rates.take(flows, kSecond);
  rates.take(sent(1088 * kKiB), 2 * kSecond);
  CHECK(rates.list().at(0).now.bytes == 64 * kKiB);
  CHECK(rates.list()[0].flow.to.name != "");
}

TEST_CASE("flows that are folded into a nameless one have not moved by that") {
  Rates rates;
  auto flows = sent(1024 * kKiB);
  for (uint64_t inode : {21, 22, 23})
    flows.list.push_back(
        flow(file("/quiet", inode), socket("tcp quiet", inode + 100), moved(FlowMethod::sendfile, 512 * kKiB, 0)));
  rates.take(flows, kSecond);

  auto folded = sent(1024 * kKiB);
  folded.list.push_back(flow({FlowEndKind::file, "", 0, 0}, {FlowEndKind::socket, "", 0, 0},
                             moved(FlowMethod::sendfile, 1600 * kKiB, 0)));
  folded.merged = 3;
  rates.take(folded, 2 * kSecond);
  CHECK(rates.now().bytes == 64 * kKiB);
  CHECK(rates.all().bytes == 2624 * kKiB);
}

TEST_CASE("a sum that was corrected downwards is no motion") {
  Rates rates;
  rates.take(sent(1024 * kKiB), kSecond);
  rates.take(sent(512 * kKiB), 2 * kSecond);
  CHECK(rates.now().bytes == 0);
}

TEST_CASE("the connections of one server are one flow with their sums, quiet when all of them are") {
  Rates rates(2 * kSecond);
  Flows flows;
  const auto send = [&](const char* path, uint64_t inode, const std::string& peer, uint64_t bytes, unsigned copies,
                        uint64_t last_ns) {
    flows.list.push_back(flow(file(path, inode), socket("tcp 10.0.0.1:80 - " + peer, 100 + flows.list.size()),
                              moved(FlowMethod::sendfile, bytes, copies, last_ns)));
  };
  send("/a", 1, "10.0.0.2:41000", 64 * kKiB, 0, 0);
  send("/a", 1, "10.0.0.2:41001", 64 * kKiB, 1, 5 * kSecond);
  send("/a", 1, "10.0.0.3:41000", 64 * kKiB, 0, 0);
  send("/b", 2, "10.0.0.2:41002", 320 * kKiB, 0, 0);
  flows.list.push_back(flow(file("/a", 1), socket("tcp 10.0.0.1:80 - 10.0.0.4:41000", 300),
                            moved(FlowMethod::read_write, 128 * kKiB, 2)));  // by another method
  flows.list.push_back(flow(socket("tcp 10.0.0.1:41003 - 10.0.0.9:9092", 200), memory(),
                            moved(FlowMethod::read, 64 * kKiB, 1, 5 * kSecond)));
  rates.take({}, 4 * kSecond);
  rates.take(flows, 5 * kSecond);
  const auto together = timeline::connections_together(rates.list());
  REQUIRE(together.size() == 4);
  CHECK(together[0].flow.from.name == "/b");
  CHECK(together[0].flow.to.name == "tcp 10.0.0.1:80 - 10.0.0.2:41002");
  CHECK(together[0].quiet);
  CHECK(together[1].flow.to.name == "tcp 10.0.0.1:80 - * ×3");
  CHECK(together[1].all.bytes == 192 * kKiB);
  CHECK(together[1].now.bytes_per_s() == 192 * kKiB);
  CHECK(*together[1].all.copies_per_byte() == doctest::Approx(1.0 / 3));
  CHECK_FALSE(together[1].quiet);
  CHECK(together[2].flow.to.name == "tcp 10.0.0.1:80 - 10.0.0.4:41000");
  CHECK(together[3].flow.from.name == "tcp 10.0.0.1:41003 - 10.0.0.9:9092");
}

}  // namespace live_rates_test
