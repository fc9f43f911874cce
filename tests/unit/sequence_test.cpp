#include "viz/diagram/sequence.h"
#include "tests/unit/golden.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <tuple>
#include <utility>

#include "tests/unit/event_samples.h"
#include "viz/diagram/sequence_receives.h"
#include "viz/diagram/sequence_rounds.h"
#include "viz/diagram/svg.h"

using namespace zctrace;
using namespace zctrace::timeline;
using diagram::Form;
using diagram::Options;
using diagram::Span;

namespace {

constexpr Span kSpans[] = {Span::chunk, Span::whole};
constexpr Form kForms[] = {Form::wide, Form::narrow};

std::string drawn(const Document& document, Span span, Form form = Form::wide, Language language = Language::english) {
  return diagram::Sequence(document).draw(span, {language, diagram::Theme::light, form});
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// What the lanes show: without the style sheet and the legend, which name every colour.
std::string lanes(const std::string& svg) {
  const auto begin = svg.find("</style>"), end = svg.find(">running in user mode<");
  REQUIRE(end != std::string::npos);
  return svg.substr(begin, end - begin);
}

/// Well-formed: each element that is opened is closed, in order; no raw markup in texts.
void well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    const auto end = svg.find('>', at);
    REQUIRE(end != std::string::npos);
    const auto tag = svg.substr(at + 1, end - at - 1);
    REQUIRE(tag.find('<') == std::string::npos);
    if (tag.ends_with("/")) continue;
    if (tag.starts_with("/")) {
      REQUIRE(!open.empty());
      CHECK(open.back() == tag.substr(1));
      open.pop_back();
    } else {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
  }
  CHECK(open.empty());
}

double number(const std::string& element, const std::string& attribute) {
  const auto at = element.find(" " + attribute + "=\"");
  return at == std::string::npos ? 0 : std::strtod(element.c_str() + at + attribute.size() + 3, nullptr);
}

/// The text as it is shown.
std::string unescaped(std::string text) {
  for (const auto& [entity, character] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
    for (size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, std::strlen(entity), character);
  return text;
}

/// Nothing is cut off, no text is too small to be read, every number is one.
void fits(const std::string& svg, Form form) {
  const double width = diagram::width_of(form), height = number(svg.substr(0, svg.find('>')), "height");
  static const std::regex texts("<text[^>]*>([^<]*)</text>");
  for (std::sregex_iterator at(svg.begin(), svg.end(), texts), end; at != end; ++at) {
    const std::string element = (*at)[0], text = unescaped((*at)[1]);
    CAPTURE(element);
    const double size = number(element, "font-size"), x = number(element, "x");
    CHECK(size >= 11);
    const double length = diagram::text_width(text, {size, has(element, "font-weight")});
    const double left = has(element, "\"middle\"") ? x - length / 2 : has(element, "\"end\"") ? x - length : x;
    CHECK(left >= -1);
    CHECK(left + length <= width + 1);
    CHECK(number(element, "y") <= height);
  }
  static const std::regex rects("<rect[^>]*/>");
  for (std::sregex_iterator at(svg.begin(), svg.end(), rects), end; at != end; ++at) {
    const std::string element = (*at)[0];
    CAPTURE(element);
    CHECK(number(element, "x") >= 0);
    CHECK(number(element, "x") + number(element, "width") <= width + 1);
    CHECK(number(element, "width") >= 0);
    CHECK(number(element, "height") >= 0);
  }
  CHECK(!has(svg, "nan"));
  CHECK(!has(svg, "inf\""));
  CHECK(!has(svg, " id="));
}

void sound(const Document& document) {
  for (const auto span : kSpans)
    for (const auto form : kForms)
      for (const auto language : kLanguages) {
        const auto svg = drawn(document, span, form, language);
        well_formed(svg);
        fits(svg, form);
        CHECK(svg.size() < 300'000);
      }
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
