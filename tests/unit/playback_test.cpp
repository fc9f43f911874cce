#include "viz/diagram/playback.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/units.h"
#include "tests/unit/event_samples.h"
#include "viz/diagram/animate.h"
#include "viz/diagram/motion.h"

namespace playback_test {

using namespace zctrace;
using namespace zctrace::timeline;
using diagram::playback;
using diagram::Step;

namespace {

diagram::Playback played(const Document& document, size_t most = 1000) {
  const Recording recording(document);
  const auto choice = diagram::choose(recording);
  const auto order = diagram::first_round(recording, choice);
  return playback(recording, choice, summary::picture(document.run, document.ledger, Language::english, order).round,
                  most);
}

std::string moving(const Document& document, diagram::Form form = diagram::Form::wide) {
  const Recording recording(document);
  return diagram::AnimatedFlow(recording, {Language::english, diagram::Theme::automatic, form}).moving();
}

/// The sums of a document as its events have them.
Document settled(Document document) {
  auto& ledger = document.ledger;
  for (auto& copy : ledger.copies) copy.bytes = 0;
  const auto add = [&](Side side, End from, End to, uint64_t bytes) {
    for (auto& copy : ledger.copies)
      if (copy.side == side && copy.from == from && copy.to == to) copy.bytes += bytes;
  };
  ledger.sender.mode_switches = {};
  for (const auto& event : document.events) {
    if (event.kind == EventKind::syscall && event.side == Side::sender) ledger.sender.mode_switches.syscall += 2;
    for (const auto& each : event.folded)
      if (each.calls != 0) add(event.side, each.from, each.to, each.bytes);
    if (event.kind == EventKind::disk) add(Side::sender, End::disk, End::page_cache, event.bytes2);
    if (event.kind == EventKind::transmit) add(Side::sender, End::socket_buffer, End::nic, event.bytes2);
  }
  return document;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("playback: the last step's counters are the ledger's, however many events are a step") {
  for (const auto& document :
       {settled(samples::read_write_events()), settled(samples::sendfile_events()), settled(samples::tee_events())})
    for (const size_t most : {1, 7, 24, 5000}) {
      const auto play = played(document, most);
      const auto& last = play.steps.back();
      CHECK(play.complete);
      for (size_t i = 0; i < play.ways.size(); ++i) CHECK(last.bytes[i] == play.ways[i].edge.bytes);
      CHECK(last.mode_switches == document.ledger.sender.mode_switches.total());
      CHECK(play.cpu_bytes(last) == cpu_bytes(document.ledger, Side::sender));
      CHECK(last.calls == play.calls);
      CHECK(play.steps.size() - play.slow <= 2 * most + 1);
    }
}

TEST_CASE("playback: the first chunk goes step by step, in the order of its events") {
  const auto play = played(samples::read_write_events());
  std::string order;
  for (size_t i = 0; i < play.slow; ++i) {
    const auto& step = play.steps[i];
    order += step.kind == Step::Kind::enter   ? "[" + step.name + std::to_string(step.mark) + " "
             : step.kind == Step::Kind::leave ? std::to_string(step.mark) + "] "
                                              : play.ways[step.moved.at(0).way].key + " ";
  }
  CHECK(order ==
        "[read1 receiver/socket buffer/user buffer/cpu sender/disk/page cache/dma "
        "sender/page cache/user buffer/cpu 2] [write3 sender/user buffer/socket buffer/cpu "
        "sender/socket buffer/nic/dma 4] ");
}

TEST_CASE("playback: the mode switches of a round are numbered as its calls came") {
  const auto play = played(samples::tee_events());
  std::string order;
  for (size_t i = 0; i < play.slow; ++i)
    if (play.steps[i].kind == Step::Kind::enter) order += play.steps[i].name + std::to_string(play.steps[i].mark) + " ";
  CHECK(order == "splice1 tee3 splice5 splice7 ");
}

TEST_CASE("playback: time never goes back, and the sender's CPU is busy while it does not wait") {
  const auto document = samples::read_write_events();
  const auto play = played(document);
  uint64_t before = 0;
  double end = 0;
  for (const auto& step : play.steps) {
    CHECK(step.until_ns >= before);
    CHECK(step.busy_ns <= step.until_ns);
    CHECK(step.begin == doctest::Approx(end));
    before = step.until_ns;
    end = step.begin + step.length;
  }
  // Of its 64 rounds, each with 55 us off the CPU; what comes behind its last return is no part of it.
  const uint64_t last_return = 10'000 + 63 * 500'000 + 130'000 + 170'000 + 63'000;
  CHECK(play.steps.back().busy_ns == last_return - 64 * 55'000);
  auto unknown = document;
  unknown.run.evidence.context_switches = Evidence::none;
  CHECK(!played(unknown).steps.back().busy_ns);
}

TEST_CASE("playback: what is missing is told, and nothing is made up") {
  auto document = settled(samples::read_write_events());
  const auto whole = moving(document);
  CHECK(whole.find("counters end below") == whole.npos);
  document.events.erase(document.events.begin() + 40, document.events.begin() + 80);
  CHECK(!played(document).complete);
  CHECK(moving(document).find("counters end below") != std::string::npos);
  document.events.clear();
  CHECK_THROWS_AS(moving(document), Error);
}

TEST_CASE("playback: the animated picture moves without a script, and stands still for who wants no motion") {
  for (const auto form : {diagram::Form::wide, diagram::Form::narrow}) {
    const auto svg = moving(settled(samples::read_write_events()), form);
    CHECK(svg.find("<script") == svg.npos);
    CHECK(svg.find("http", svg.find("<title>")) == svg.npos);
    CHECK(count(svg, "prefers-reduced-motion:reduce") == 1);
    CHECK(svg.size() < 200'000);
    // Without motion what stands there is what was counted: of each counter its last state alone.
    CHECK(count(svg, ">copied by the CPU: 8.00 MiB<") == 1);
    const auto at = svg.find(">copied by the CPU: 8.00 MiB<");
    const auto element = svg.substr(svg.rfind('<', at), at - svg.rfind('<', at));
    CHECK(element.find("gone") == element.npos);
  }
}

TEST_CASE("playback: what a document claims of its times and names neither breaks it nor becomes markup") {
  auto document = samples::read_write_events();
  for (auto& name : document.names) name += "</text><script>";
  for (auto& event : document.events) event.dur_ns = UINT64_MAX;
  CHECK(moving(document).find("<script") == std::string::npos);
  for (auto& event : document.events) {
    event.t_ns = UINT64_MAX;
    event.bytes = event.bytes2 = UINT64_MAX;
  }
  CHECK(played(document).seconds < 60);
}

TEST_CASE("playback: a still holds what the moving picture shows at that second, and in the end what the ledger has") {
  const auto document = settled(samples::read_write_events());
  const Recording recording(document);
  const auto play = played(document, 24);
  for (const auto form : {diagram::Form::wide, diagram::Form::narrow}) {
    const diagram::AnimatedFlow flow(recording, {Language::english, diagram::Theme::light, form});
    const auto begin = flow.still(0), end = flow.still(flow.length());
    for (const auto& svg : {begin, end, flow.still(play.seconds / 2)}) {
      CHECK(svg.find("animation") == svg.npos);
      CHECK(svg.find("gone") == svg.npos);
      CHECK(count(svg, ">copied by the CPU: ") == 1);
    }
    CHECK(count(begin, ">copied by the CPU: 0 B<") == 1);
    CHECK(count(begin, ">0 mode switches<") == 1);
    const auto copied = format_bytes(cpu_bytes(document.ledger, Side::sender));
    CHECK(count(end, ">copied by the CPU: " + copied + "<") == 1);
    CHECK(count(end, fmt::format(">{} mode switches<", document.ledger.sender.mode_switches.total())) == 1);
    CHECK(count(end, ">all transferred<") == 1);
    CHECK(end == flow.still(play.seconds));
    for (const auto& step : play.steps) {
      if (step.length <= 0) continue;
      const auto svg = flow.still(step.begin + step.length / 2);
      CHECK(count(svg, fmt::format(">{} of {}<", format_ns(step.until_ns), format_ns(play.end_ns))) == 1);
    }
  }
}

TEST_CASE("playback: in a still bytes are as far along their arrow as the time says") {
  diagram::Motion middle(10, 3);
  const diagram::Motion::Spans spans{{2, 4}, {6, 8}};
  CHECK(middle.seen(spans) == "");
  CHECK(middle.along({{0, 0}, {30, 0}, {30, 10}}, spans) == "transform=\"translate(20.0 0.0)\"");
  CHECK(middle.grows({{2, 0.5}, {4, 1}}) == "transform=\"scale(0.7500,1)\"");
  CHECK(middle.shifts({{2, 0.5}}, 200) == "transform=\"translate(100.0,0)\"");
  middle.pale_until(".a", 3);
  CHECK(middle.css().empty());
  middle.pale_until(".a", 3.1);
  CHECK(middle.css() == ".a{opacity:0.22}");
  CHECK(!diagram::Motion(10, 4).seen(spans));
  CHECK(diagram::Motion(10, 7.5).along({{0, 0}, {30, 0}, {30, 10}}, spans) == "transform=\"translate(30.0 0.0)\"");
}

}  // namespace playback_test
