#include "viz/diagram/sequence_receives.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "tests/unit/event_samples.h"
#include "tests/unit/sequence_checks.h"
#include "viz/diagram/sequence_rounds.h"

namespace sequence_receives_test {

using namespace zctrace;
using namespace zctrace::timeline;
using namespace zctrace::sequences;

namespace {

/// Three chunks sent by one call each, of which the second is the median.
struct Followed {
  static constexpr uint64_t kChunk = 65536;

  Document document = samples::sendfile(true);
  samples::Recorder recorder{document};

  Followed() {
    document.run.size = document.ledger.payload_bytes = document.ledger.received_bytes = 3 * kChunk;
    document.run.chunk = kChunk;
    document.run.sinks = 1;
    document.events.clear();
    document.run.lost = {};
    for (const auto& [at, took] : {std::pair{0, 10}, {100, 50}, {200, 80}}) {
      auto& call = recorder.call("sendfile", at * samples::kUs, took * samples::kUs, kChunk);
      recorder.fold(call, "skb_splice_from_iter", End::page_cache, End::socket_buffer, Mover::reference, 2, 1);
    }
  }

  Event& receive(uint64_t from, uint64_t until, uint64_t bytes, const char* name = "read") {
    auto& call = recorder.call(name, from * samples::kUs, (until - from) * samples::kUs, static_cast<int64_t>(bytes),
                               samples::kReceiverTask, Side::receiver);
    recorder.fold(call, "_copy_to_iter", End::socket_buffer, End::user_buffer, Mover::cpu, 1, 1);
    return call;
  }

  diagram::Receives found() {
    recorder.sort();
    return diagram::receives(document, diagram::choose(document).window);
  }
};

using State = diagram::Receives::State;

}  // namespace

TEST_CASE("sequence: a chunk received in two pieces is followed to both") {
  constexpr auto kChunk = Followed::kChunk;
  Followed run;
  run.receive(5, 120, kChunk + 16384);  // waits from before the chunk was sent
  run.receive(130, 400, 49152);
  run.receive(410, 420, kChunk);
  const auto found = run.found();
  REQUIRE(found.known());
  CHECK(found.range.from == kChunk);
  CHECK(found.range.until == 2 * kChunk);
  REQUIRE(found.named.size() == 2);
  CHECK(found.named[0].part == 16384);
  CHECK(found.named[0].bytes == kChunk + 16384);
  CHECK(found.named[1].part == 49152);
  CHECK(found.count == 2);
  CHECK(found.window.from == 100 * samples::kUs);
  CHECK(found.complete_ns == 400 * samples::kUs);
  CHECK(found.count_of_others == 0);  // the third call began when all was there
  const auto svg = drawn(run.document, Span::chunk);
  CHECK(has(svg, "the same 64.0 KiB at the receiver: 2 system calls, complete after 300 µs"));
  CHECK(has(svg, "offset 65,536 B in the stream"));
  CHECK(has(svg, ">16.0 KiB<"));
  CHECK(has(svg, ">of read → 80.0 KiB<"));
  CHECK(has(svg, ">48.0 KiB<"));
  CHECK(!has(svg, "unknown"));
  CHECK(!has(svg, "receiver: all activity"));
  sound(run.document);
}

TEST_CASE("sequence: one receive may take several chunks, and others none of it") {
  constexpr auto kChunk = Followed::kChunk;
  Followed run;
  run.receive(5, 20, kChunk);
  run.receive(120, 130, kChunk / 4);
  run.receive(140, 300, 2 * kChunk - kChunk / 4);
  auto found = run.found();
  REQUIRE(found.known());
  REQUIRE(found.named.size() == 2);
  CHECK(found.named[1].part == kChunk - kChunk / 4);
  CHECK(found.named[1].bytes == 2 * kChunk - kChunk / 4);

  // What lies between the chunk's sending and its last byte is counted, and pale.
  Followed late;
  late.receive(110, 112, kChunk / 2);
  late.receive(113, 118, kChunk / 2);
  late.receive(120, 500, 2 * kChunk);
  found = late.found();
  REQUIRE(found.known());
  CHECK(found.count == 1);
  CHECK(found.count_of_others == 2);
  const auto svg = drawn(late.document, Span::chunk);
  CHECK(has(svg, "1 system call, complete after 400 µs"));
  CHECK(has(svg, "pale: other bytes, 2 system calls"));
  CHECK(has(svg, ">of read → 128 KiB<"));
}

TEST_CASE("sequence: the receiver's calls that take no bytes of the stream are passed over") {
  constexpr auto kChunk = Followed::kChunk;
  Followed run;
  run.receive(5, 20, kChunk);
  // From the socket into a pipe, from there into a file: each byte is taken once.
  for (const auto& [at, from, to] : {std::tuple{120, End::socket_buffer, End::pipe}, {150, End::pipe, End::file}}) {
    auto& call = run.recorder.call("splice", at * samples::kUs, 10 * samples::kUs, 2 * kChunk, samples::kReceiverTask,
                                   Side::receiver);
    run.recorder.fold(call, "f", from, to, Mover::reference, 1, 1);
  }
  // Pages that were mapped, by a call that returns no bytes.
  run.recorder.call("poll", 1, 1, 1, samples::kReceiverTask, Side::receiver);
  auto found = run.found();
  REQUIRE(found.known());
  REQUIRE(found.named.size() == 1);
  CHECK(run.document.names.at(found.named[0].call.name) == "splice");
  CHECK(found.named[0].call.t_ns == 120 * samples::kUs);

  Followed mapped;
  mapped.receive(5, 20, kChunk);
  auto& call = mapped.receive(120, 130, 2 * kChunk, "getsockopt");
  call.result = 0;
  found = mapped.found();
  REQUIRE(found.known());
  CHECK(found.named[0].bytes == 2 * kChunk);
}

TEST_CASE("sequence: io_uring's calls return no bytes: what was seen to move counts, also by a worker") {
  constexpr auto kChunk = Followed::kChunk;
  Followed run;
  auto& names = run.document.names;
  std::ranges::replace(names, std::string("sendfile"), std::string("io_uring_enter"));
  for (auto& event : run.document.events) event.result = 2;
  run.receive(5, 400, 3 * kChunk);
  CHECK(run.found().known());
  for (auto& event : run.document.events)
    if (event.side == Side::sender) event.folded[0] = {};
  for (const uint64_t at : {5, 110, 120, 210}) {
    auto& copy = run.recorder.add(EventKind::copy, "skb_splice_from_iter", at * samples::kUs, 0, 999);
    copy.from = End::pipe;
    copy.to = End::socket_buffer;
    copy.by = Mover::reference;
    copy.context = Context::worker;
    copy.bytes = at == 110 || at == 120 ? kChunk / 2 : kChunk;
  }
  const auto found = run.found();
  REQUIRE(found.known());
  CHECK(found.range.from == kChunk);
  CHECK(found.range.until == 2 * kChunk);
}

TEST_CASE("sequence: where the chunk was received is unknown, never guessed") {
  constexpr auto kChunk = Followed::kChunk;
  const auto state = [&](const auto& change) {
    Followed run;
    run.receive(5, 20, kChunk);
    run.receive(110, 180, kChunk);
    run.receive(210, 290, kChunk);
    change(run);
    const auto found = run.found();
    sound(run.document);
    const auto svg = drawn(run.document, Span::chunk);
    CHECK(has(svg, "which of the receiver") != (found.known() || found.state == State::nobody));
    CHECK(has(svg, "the same 64.0 KiB at the receiver") == found.known());
    return found.state;
  };
  CHECK(state([](Followed&) {}) == State::known);
  CHECK(state([](Followed& run) { run.document.run.lost = {1, {{"syscall", 1}}}; }) == State::lost);
  CHECK(state([](Followed& run) { run.document.run.lost = {1, {}}; }) == State::lost);
  CHECK(state([](Followed& run) { run.document.run.lost = {1, {{"transmit", 1}}}; }) == State::known);
  CHECK(state([](Followed& run) { run.document.run.sinks = 2; }) == State::many_sockets);
  CHECK(state([](Followed& run) { run.document.run.path.kind = "file"; }) == State::nobody);
  CHECK(state([](Followed& run) { run.document.run.method = "exec"; }) == State::not_recorded);
  CHECK(state([](Followed& run) {
          std::erase_if(run.document.events, [](const Event& event) { return event.side == Side::receiver; });
        }) == State::not_recorded);
  CHECK(state([](Followed& run) { run.document.events.pop_back(); }) == State::sums_differ);
  // As many bytes are missing on both sides.
  CHECK(state([](Followed& run) { run.document.ledger.received_bytes += kChunk; }) == State::sums_differ);
  CHECK(state([](Followed& run) {
          run.document.events.back().result += 22;
          run.document.ledger.framing_bytes = 22;
        }) == State::framed);
  CHECK(state([](Followed& run) { run.document.events.back().t_ns = 150 * samples::kUs; }) == State::order_unknown);
  CHECK(state([](Followed& run) { run.document.events[4].t_ns = 60 * samples::kUs; }) == State::known);
  // Its bytes were there before they were sent: they were others.
  CHECK(state([](Followed& run) {
          run.document.events[4].t_ns = 30 * samples::kUs;
          run.document.events[4].dur_ns = 40 * samples::kUs;
        }) == State::order_unknown);
  // Of TLS in the program, what it wrote is what arrives.
  CHECK(state([](Followed& run) {
          for (auto& event : run.document.events) event.result += 22;
          run.document.ledger.framing_bytes = 66;
        }) == State::known);
}

}  // namespace sequence_receives_test
