#include "viz/diagram/sequence.h"
#include "tests/unit/golden.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "tests/unit/event_samples.h"
#include "tests/unit/sequence_checks.h"
#include "viz/diagram/sequence_rounds.h"
#include "viz/diagram/svg.h"

namespace sequence_test {

using namespace zctrace;
using namespace zctrace::timeline;
using diagram::Options;
using namespace zctrace::sequences;

namespace {

/// What the lanes show: without the style sheet and the legend, which name every colour.
std::string lanes(const std::string& svg) {
  const auto begin = svg.find("</style>"), end = svg.find(">running in user mode<");
  REQUIRE(end != std::string::npos);
  return svg.substr(begin, end - begin);
}

/// Compares with tests/golden/sequence_NAME.svg; ZCTRACE_UPDATE_GOLDEN=1 writes it instead.
void golden(const std::string& name, const std::string& svg) {
  CAPTURE(name);
  CHECK(svg == approved("sequence_" + name + ".svg", svg));
}

std::vector<diagram::Round> rounds(const Document& document) {
  std::vector<diagram::Round> all;
  diagram::each_round(document, diagram::main_task(document), [&](const auto& round) { all.push_back(round); });
  return all;
}

}  // namespace

TEST_CASE("sequence: the pictures of the methods") {
  golden("read_write", drawn(samples::read_write_events(), Span::chunk));
  golden("read_write_narrow_zh", drawn(samples::read_write_events(), Span::chunk, Form::narrow, Language::chinese));
  golden("read_write_whole", drawn(samples::read_write_events(), Span::whole));
  golden("sendfile", drawn(samples::sendfile_events(), Span::chunk));
  golden("tee", drawn(samples::tee_events(), Span::chunk));
  golden("inferred", drawn(samples::inferred_events(), Span::chunk));
}

TEST_CASE("sequence: rounds are found in the calls alone") {
  for (const auto& document : {samples::read_write_events(), samples::sendfile_events(), samples::tee_events(),
                               samples::mmap_write_events(), samples::direct_io_events()}) {
    CAPTURE(document.run.method);
    const auto found = rounds(document);
    CHECK(found.size() == 64);
    CHECK(std::all_of(found.begin(), found.end(), [](const auto& round) { return round.complete; }));
  }
  // mmap and munmap belong to no chunk.
  CHECK(rounds(samples::mmap_write_events()).front().window.from == 10'000);
  CHECK(rounds(samples::tee_events()).front().window.duration() == 190'000);
}

TEST_CASE("sequence: a round may have its calls in pieces, its end, or nothing of the others") {
  Document document;
  samples::Recorder recorder(document);
  uint64_t at = 0;
  const auto call = [&](const char* name, int64_t result, End from, End to) {
    auto& event = recorder.call(name, at, 10, result);
    if (result > 0) recorder.fold(event, "f", from, to, Mover::cpu, 1, 1);
    at += 20;
  };
  const auto read = [&](int64_t result) { call("read", result, End::page_cache, End::user_buffer); };
  const auto write = [&](int64_t result) { call("write", result, End::user_buffer, End::socket_buffer); };
  read(100), write(60), write(40);  // written in two pieces
  read(50), read(50), write(100);   // read in two
  read(100), write(100), read(0);   // the end of the file belongs to no round
  const auto found = rounds(document);
  REQUIRE(found.size() == 3);
  CHECK(found[0].window.until == 50);
  CHECK(found[1].window.from == 60);
  CHECK(found[2].window.until == 150);

  read(100);  // interrupted before its write
  CHECK(rounds(document).size() == 4);
  CHECK(!rounds(document).back().complete);
  const auto choice = diagram::choose(document);
  CHECK(choice.complete == 3);
  CHECK(has(drawn(document, Span::chunk), "1 incomplete, omitted"));
}

TEST_CASE("sequence: the chunk shown is the median one and says so") {
  const auto svg = drawn(samples::read_write_events(), Span::chunk);
  CHECK(has(svg, "chunk 32 of 64, of median duration: 331 µs · fastest 300 µs, slowest 363 µs · begins 15.5 ms into the run"));
  CHECK(has(svg, "2 system calls, 4 mode switches, the CPU copied 128 KiB"));
  CHECK(has(svg, "data-from=\"15510000\" data-until=\"15630000\""));  // its read
  CHECK(has(drawn(samples::read_write_events(), Span::whole), "chunk 32, the median"));
  // Not as many rounds as chunks were asked for: then they are not called chunks.
  auto other = samples::read_write_events();
  other.run.chunk *= 2;
  CHECK(has(drawn(other, Span::chunk), "round 32 of 64, of median duration"));
}

TEST_CASE("sequence: copies are red where the CPU made them, and only there") {
  for (const auto span : kSpans) {
    CHECK(has(lanes(drawn(samples::read_write_events(), span)), "class=\"cpu"));
    CHECK(!has(lanes(drawn(samples::read_write_events(), span)), "class=\"ref"));
  }
  auto sender_only = samples::sendfile_events();
  std::erase_if(sender_only.events, [](const Event& event) { return event.side == Side::receiver; });
  const auto sendfile = lanes(drawn(sender_only, Span::chunk));
  CHECK(!has(sendfile, "cpu"));
  CHECK(has(sendfile, "64.0 KiB by reference"));
  CHECK(has(sendfile, "skb_splice_from_iter ×2"));
  CHECK(has(sendfile, "1 system call, 2 mode switches, the CPU copied nothing"));
  // Four mode switches, numbered.
  const auto numbered = lanes(drawn(samples::read_write_events(), Span::chunk));
  for (const char* each : {">1<", ">2<", ">3<", ">4<"}) CHECK(has(numbered, each));
  CHECK(!has(numbered, ">5<"));
  CHECK(!has(sendfile, ">3<"));
}

TEST_CASE("sequence: packets are blue only where a device fetches them") {
  auto document = samples::sendfile_events();
  CHECK(has(lanes(drawn(document, Span::chunk)), "dma"));
  document.run.path.dma = false;
  CHECK(!has(lanes(drawn(document, Span::chunk)), "dma"));
  CHECK(has(drawn(document, Span::chunk), "packet, no DMA on this path"));
}

TEST_CASE("sequence: one chunk is followed by its offset, other chunks' requests and packets are pale") {
  using namespace samples;
  constexpr uint64_t kChunk = 65536;
  const auto count = [](const std::string& svg, std::string_view part) {
    size_t found = 0;
    for (size_t at = svg.find(part); at != svg.npos; at = svg.find(part, at + 1)) ++found;
    return found;
  };
  // Three calls of one chunk each; the second is the median. While it runs the disk brings its chunk and the third, and
  // the first two leave.
  const auto document_of = [&](int64_t offset_of_second) {
    Document document = sendfile(true);
    document.run.size = 3 * kChunk;
    document.run.sinks = 1;
    document.run.lost = {};
    document.events.clear();
    Recorder recorder(document);
    recorder.call("sendfile", 0, 10 * kUs, kChunk);
    recorder.call("sendfile", 100 * kUs, 50 * kUs, kChunk);
    recorder.call("sendfile", 200 * kUs, 80 * kUs, kChunk);
    recorder.disk(105 * kUs, 10 * kUs, kChunk).result = offset_of_second;
    recorder.disk(120 * kUs, 20 * kUs, kChunk).result = 2 * kChunk;
    recorder.transmit(110 * kUs, 45, kChunk);
    recorder.transmit(145 * kUs, 45, kChunk);
    recorder.transmit(250 * kUs, 45, kChunk);
    recorder.sort();
    return document;
  };
  const Document followed = document_of(kChunk);
  const auto part = diagram::part_of_file(followed, diagram::choose(followed));
  REQUIRE(part);
  CHECK(part->from == kChunk);
  CHECK(part->until == 2 * kChunk);
  const auto picture = drawn(followed, Span::chunk);
  CHECK(count(picture, "opacity=\".3\"") == 2);  // the third chunk's request, the first one's packet
  CHECK(has(picture, "pale: other chunks"));
  CHECK(!has(picture, "read ahead"));

  Document ahead = document_of(kChunk);
  for (auto& event : ahead.events)
    if (event.kind == EventKind::disk && event.result == kChunk) event.t_ns = 80 * kUs;
  Recorder(ahead).sort();
  CHECK(has(drawn(ahead, Span::chunk), "this chunk was read ahead"));

  Document unknown = document_of(-1);
  for (auto& event : unknown.events) {
    if (event.kind == EventKind::disk) event.result = -1;
    if (event.kind == EventKind::transmit) event.bytes2 = kChunk + 1;  // some was sent again
  }
  CHECK(count(drawn(unknown, Span::chunk), "opacity=\".3\"") == 0);
  CHECK(has(drawn(unknown, Span::chunk), "including other chunks"));
  Document lost = document_of(kChunk);
  lost.run.lost.by_kind["syscall"] = 1;
  CHECK(!diagram::part_of_file(lost, diagram::choose(lost)));
}

TEST_CASE("sequence: what is inferred looks it") {
  const auto svg = drawn(samples::inferred_events(), Span::chunk);
  CHECK(has(svg, "CPU copy ~64.0 KiB"));
  CHECK(has(svg, "drawn at its middle"));
  CHECK(has(lanes(svg), "stroke-dasharray=\"9 3\""));
  CHECK(!has(lanes(drawn(samples::read_write_events(), Span::chunk)), "stroke-dasharray=\"9 3\""));
  CHECK(has(lanes(drawn(samples::inferred_events(), Span::whole)), "~8.00 MiB"));
  auto unknown = samples::sendfile_events();
  unknown.run.evidence = samples::unseen().run.evidence;
  unknown.ledger = samples::unseen().ledger;
  CHECK(has(drawn(unknown, Span::chunk), "CPU copies: unknown"));
  CHECK(!has(drawn(unknown, Span::chunk), "copied nothing"));
  CHECK(!has(drawn(unknown, Span::whole), "copied nothing"));
}

TEST_CASE("sequence: losses, interruptions and copies at other times are said") {
  auto document = samples::read_write_events();
  for (const auto span : kSpans) CHECK(!has(drawn(document, span), "⚠"));
  document.run.lost = {12, {{"copy", 12}}};
  document.run.complete = false;
  for (const auto span : kSpans) {
    CHECK(has(drawn(document, span), "12 events missing from the timeline: gaps here may be lost events"));
    CHECK(has(drawn(document, span), "interrupted"));
  }
  // Nor is nothing claimed of copies that may have been lost.
  auto lossy = samples::sendfile_events();
  CHECK(has(drawn(lossy, Span::chunk), "copied nothing"));
  lossy.run.lost = document.run.lost;
  CHECK(!has(drawn(lossy, Span::chunk), "copied nothing"));

  auto later = samples::sendfile_events();
  later.ledger.copies.push_back(
      samples::copy(End::socket_buffer, End::socket_buffer, Mover::cpu, "skb_copy_bits", samples::kSize, 2897));
  CHECK(has(drawn(later, Span::chunk), "over the whole run the CPU copied 64.0 KiB per chunk"));
}

TEST_CASE("sequence: nothing is clipped, in any form and language") {
  for (const auto& document : {samples::read_write_events(), samples::sendfile_events(), samples::tee_events(),
                               samples::mmap_write_events(), samples::direct_io_events(), samples::inferred_events()}) {
    CAPTURE(document.run.method);
    sound(document);
  }
}

TEST_CASE("sequence: documents without events, with one, at one moment, beyond all times") {
  Document document = samples::read_write();
  sound(document);
  for (const auto span : {Span::chunk, Span::whole})
    CHECK(has(drawn(document, span), "this recording holds no events"));
  CHECK(!has(drawn(document, Span::chunk), "copied nothing"));
  CHECK(!has(drawn(document, Span::chunk), "0 system calls"));
  document = {};
  sound(document);

  samples::Recorder(document).call("sendfile", 5, 10, 1);
  sound(document);
  CHECK(has(drawn(document, Span::chunk), "the only round of calls: 10 ns"));

  document = samples::read_write_events();
  for (auto& event : document.events) event.t_ns = event.dur_ns = 0;
  sound(document);

  document = samples::read_write_events();
  document.events.back().t_ns = 1'000'000'000'000'000'000;
  document.events.back().dur_ns = UINT64_MAX;
  sound(document);
  for (auto& event : document.events) event.dur_ns = UINT64_MAX;
  sound(document);
  for (auto& event : document.events) event.t_ns = UINT64_MAX;
  sound(document);
  for (auto& event : document.events) {
    event.result = INT64_MIN;
    event.bytes = event.bytes2 = UINT64_MAX;
    event.count = UINT32_MAX;
  }
  sound(document);
}

TEST_CASE("sequence: no name becomes markup") {
  auto document = samples::read_write_events();
  document.run.method = "</title><script>alert('x')</script>";
  document.run.kernel.release = "\"><script>";
  for (auto& name : document.names) name += "</text><script>\x01\xff & \"quoted\" 'too' " + std::string(300, 'W');
  sound(document);
  for (const auto span : kSpans) CHECK(!has(drawn(document, span), "<script"));
}

TEST_CASE("sequence: hundreds of threads share a lane") {
  auto document = samples::read_write_events();
  samples::Recorder recorder(document);
  for (uint32_t task = 1000; task < 1400; ++task)
    for (uint64_t i = 0; i < 10; ++i) recorder.call("futex", i * 3'000'000 + task, 2'900'000, 0, task);
  recorder.sort();
  sound(document);
  CHECK(has(drawn(document, Span::chunk), "398 more tasks"));
  CHECK(has(drawn(document, Span::whole), "400 more tasks"));
  CHECK(has(drawn(document, Span::chunk), "chunk 32 of 64"));
}

TEST_CASE("sequence: a million events are a small picture") {
  auto document = samples::read_write();
  samples::Recorder recorder(document);
  document.events.reserve(1'000'000);
  for (uint64_t i = 0; i < 125'000; ++i) {
    const uint64_t at = i * 10'000, late = (i * 2654435761U) % 3000;
    auto& read = recorder.call("read", at, 3000 + late, 65536);
    recorder.fold(read, "_copy_to_iter", End::page_cache, End::user_buffer, Mover::cpu, 16, 900);
    recorder.disk(at + 100, 2000, 65536);
    recorder.add(EventKind::off_cpu, "voluntary", at + 150, 1800);
    auto& write = recorder.call("write", at + 6500, 2000, 65536);
    recorder.fold(write, "_copy_from_iter", End::user_buffer, End::socket_buffer, Mover::cpu, 3, 200);
    recorder.transmit(at + 7000, 45, 65160);
    recorder.add(EventKind::softirq, "NET_RX", at + 7100, 300);
    recorder.call("read", at + 7500, 2000, 65536, samples::kReceiverTask, Side::receiver);
    recorder.add(EventKind::off_cpu, "voluntary", at + 7600, 900, samples::kReceiverTask, Side::receiver);
  }
  for (const auto span : kSpans)
    for (const auto form : kForms) CHECK(drawn(document, span, form).size() < 300'000);
  // Also where no round is a window: one call holds all of them.
  document.events.front().name = recorder.name("wait");
  document.events.front().dur_ns = 2'000'000'000;
  for (auto& event : document.events)
    if (event.kind == EventKind::syscall && event.side == Side::sender) event.name = recorder.name("wait");
  document.events.front().folded[0] = {};
  for (const auto form : kForms) CHECK(drawn(document, Span::chunk, form).size() < 300'000);
}

}  // namespace sequence_test
