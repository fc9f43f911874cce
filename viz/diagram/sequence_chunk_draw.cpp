#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/timeline/ledger.h"
#include "viz/diagram/sequence_chunk.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr size_t kMostPieces = 100, kMostOfOthers = 60, kMostArrows = 40, kMostLanes = 4;
constexpr double kLane = 36;
constexpr std::string_view kPale = "opacity=\".45\"", kPaler = "opacity=\".3\"";

}  // namespace

double ChunkPicture::bands() {
  const auto& at = lanes_;
  const size_t lanes = std::min(scene_.others.size(), kMostLanes);
  if (!wide()) {
    const double a1 = frame_.begin() - 16, a2 = frame_.end() + 16, top = a1 - 21;
    const double right = svg_.width() - 6;
    for (const auto& [c1, c2, classes] : {std::tuple{at.user1, at.boundary, "user"},
                                          {at.boundary, at.hardware1, "kernel"},
                                          {at.hardware1, at.hardware2, "device"}})
      frame_.rect(a1, a2, c1, c2, classes);
    if (lanes > 0) frame_.rect(a1, a2, at.others1, right, "kernel");
    const auto heading = [&](double c1, double c2, std::string_view text) {
      svg_.text((c1 + c2) / 2, top + 14, fit(text, c2 - c1 + 6, {11}), "dim", {11}, Anchor::middle);
    };
    heading(at.user1, at.boundary, words_of(Text::user_space));
    heading(at.boundary, at.hardware1, words_of(Text::kernel));
    heading(at.hardware1, at.hardware2, words_of(Text::hardware));
    if (lanes > 0) heading(at.others1, right, words_of(Text::receiver));
    frame_.axis(at.user1, at.hardware2, at.user1 - 3);
    frame_.line(a1, at.boundary, a2, at.boundary, "dim-line", 1.2, "2 4");
    return a2 + 8;
  }
  const double left = kMargin, right = svg_.width() - kMargin;
  svg_.rect(left, at.user1, right - left, at.boundary - at.user1, "user");
  svg_.rect(left, at.boundary, right - left, at.hardware1 - at.boundary, "kernel");
  svg_.rect(left, at.hardware1, right - left, at.hardware2 - at.hardware1, "device");
  double bottom = at.hardware2;
  if (lanes > 0) {
    bottom = at.others1 + kLane * static_cast<double>(lanes);
    svg_.rect(left, at.others1, right - left, bottom - at.others1, "kernel");
  }
  const auto name = [&](double y, std::string_view text, std::string_view classes = "dim") {
    svg_.text(left + 10, y, fit(text, 112, {12}), classes, {12});
  };
  name(at.user1 + 18, words_of(Text::user_space));
  name(at.thread + 4, words_of(Text::sender), "ink");
  name(at.boundary + 18, words_of(Text::kernel));
  name((at.disk1 + at.disk2) / 2 + 4, words_of(Text::disk));
  if (has_network(document_.run))
    name((at.nic1 + at.nic2) / 2 + 4, words_of(document_.run.path.dma ? Text::nic : Text::network));
  frame_.axis(at.user1, bottom, bottom + 16);
  svg_.line(left, at.boundary, right, at.boundary, "dim-line", 1.2, "2 4");
  return bottom + 26;
}

void ChunkPicture::draw_calls() {
  for (const auto& piece : pieces(frame_, scene_.sender.calls, kMostPieces)) {
    const auto& call = *piece.first;
    svg_.open(time_range(piece.from, piece.until),
              piece.count == 1
                  ? tip(call, call_text(call, true))
                  : say_count(options_.language, piece.count, Text::sequence_one_call, Text::sequence_calls));
    frame_.rect(piece.low, piece.high, lanes_.block1, lanes_.block2, "send", 3);
    frame_.cuts(piece, lanes_.block1, lanes_.block2);
    if (wide()) {
      std::vector<std::string> texts{call_text(call, true), call_text(call, false), document_.names.at(call.name)};
      if (piece.count > 1)
        texts = {say_count(options_.language, piece.count, Text::sequence_one_call, Text::sequence_calls)};
      if (piece.count == 1 && call.count > 0)
        texts.insert(texts.begin(),
                     texts[0] + " · " +
                         say_count(options_.language, call.count, Text::sequence_one_fault, Text::sequence_faults));
      const Font font{13, true};
      for (const auto& text : texts)
        if (text_width(text, font) + 10 <= piece.high - piece.low) {
          svg_.text(piece.low + 6, lanes_.block1 + 19, text, "paper", font);
          break;
        }
    }
    svg_.close();
  }
}

void ChunkPicture::off_cpu(const Event& event, size_t count, double a1, double a2, double c1, double c2) {
  frame_.rect(a1, a2, c1, c2, "paper");
  frame_.hatch(a1, a2, c1, c2, "dim-line");
  if (!wide()) return;
  const auto time = format_ns(event.dur_ns);
  const auto reason =
      words_of(document_.names.at(event.name) == "involuntary" ? Text::sequence_preempted : Text::sequence_waits);
  for (const auto& text :
       {count == 1 ? fmt::format("{} · {}", reason, time) : std::string(words_of(Text::sequence_off_cpu)),
        count == 1 ? time : std::string()}) {
    const double width = text_width(text, {12}) + 10;
    if (text.empty() || width + 8 > a2 - a1) continue;
    svg_.rect((a1 + a2 - width) / 2, c1 + 1, width, c2 - c1 - 2, "paper");
    return svg_.text((a1 + a2) / 2, (c1 + c2) / 2 + 4.3, text, "ink", {12}, Anchor::middle);
  }
}

void ChunkPicture::draw_strip() {
  const auto& calls = scene_.sender.calls;
  const double c1 = wide() ? lanes_.block1 + 28 : lanes_.block1 + 8,
               c2 = wide() ? lanes_.block2 - 5 : lanes_.block2 - 8;
  for (const auto& piece : pieces(frame_, scene_.sender.softirqs, kMostOfOthers)) {
    const auto what = say(options_.language, Text::sequence_softirq, document_.names.at(piece.first->name));
    const auto text = piece.count == 1 ? what : fmt::format("{} ×{}", words_of(Text::in_softirq), piece.count);
    svg_.open(time_range(piece.from, piece.until),
              tip(*piece.first, text + " · " + format_ns(piece.until - piece.from)));
    frame_.rect(piece.low, piece.high, c1, c2, "receive", 2);
    frame_.cuts(piece, c1, c2);
    if (wide() && text_width(text, {11.5}) + 8 <= piece.high - piece.low)
      svg_.text((piece.low + piece.high) / 2, (c1 + c2) / 2 + 4, text, "ink", {11.5}, Anchor::middle);
    svg_.close();
  }
  for (const auto& piece : pieces(frame_, scene_.sender.off_cpu, kMostOfOthers)) {
    const bool inside = std::any_of(calls.begin(), calls.end(), [&](const Burst& call) {
      return call.first.t_ns <= piece.from && piece.from < call.until;
    });
    svg_.open(time_range(piece.from, piece.until),
              tip(*piece.first,
                  fmt::format("{} · {}", words_of(Text::sequence_off_cpu), format_ns(piece.until - piece.from))));
    if (inside) {
      off_cpu(*piece.first, piece.count, piece.low, piece.high, c1, c2);
    } else {
      off_cpu(*piece.first, piece.count, piece.low, piece.high, lanes_.thread - 6, lanes_.thread + 6);
    }
    svg_.close();
  }
}

void ChunkPicture::draw_thread() {
  if (document_.events.empty()) return;  // where it ran nobody knows
  double from = frame_.begin() - 14;
  for (const auto& piece : pieces(frame_, scene_.sender.calls, kMostPieces)) {
    if (piece.low > from) frame_.line(from, lanes_.thread, piece.low, lanes_.thread, "send-line", 4);
    from = std::max(from, piece.high);
  }
  frame_.line(from, lanes_.thread, frame_.end() + 14, lanes_.thread, "send-line", 4);
  for (const auto& piece : pieces(frame_, scene_.sender.faults, kMostOfOthers)) {
    svg_.open(
        time_range(piece.from, piece.until),
        tip(*piece.first, say_count(options_.language, piece.count, Text::sequence_one_fault, Text::sequence_faults)));
    frame_.circle(piece.low, lanes_.thread, 5, "warn paper-line", 1.5);
    svg_.close();
  }
}

void ChunkPicture::draw_switches() {
  const auto blocks = pieces(frame_, scene_.sender.calls, kMostPieces);
  if (blocks.size() > kMostArrows) return;
  std::vector<Slot> slots;
  for (const auto& block : blocks) {
    frame_.arrow({{block.low, lanes_.thread - 2}, {block.low, lanes_.block1}}, "ink", 1.6);
    frame_.arrow({{block.high, lanes_.block1}, {block.high, lanes_.thread + 2}}, "ink", 1.6);
    for (const double at : {block.low, block.high}) slots.push_back({at, 20});
  }
  spread(slots, frame_.begin() - 16, frame_.end() + 16, 2);
  for (const auto& slot : slots)
    if (slot.placed)
      frame_.line(slot.low + slot.size / 2, lanes_.boundary, slot.want, lanes_.boundary, "ink-line", 1.6);
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i].placed) continue;
    const double at = slots[i].low + slots[i].size / 2;
    frame_.circle(at, lanes_.boundary, 10, "paper ink-line", 1.3);
    frame_.number(at, lanes_.boundary, fmt::format("{}", i + 1), {11.5, true});
  }
}

void ChunkPicture::draw_chips(const std::vector<Chip>& chips, double c1, double c2, bool outer) {
  // Between the chips and the calls, where lines bend towards a chip that had to be moved aside.
  const double edge = outer ? c2 : c1, bend = outer ? c2 + 7 : c1 - 9, call = outer ? lanes_.block1 : lanes_.block2;
  for (const auto& chip : chips) {
    if (!chip.slot.placed) continue;
    const double a1 = chip.slot.low, a2 = a1 + chip.slot.size;
    svg_.open(chip.group, chip.tooltip);
    for (const double at : chip.at) {
      const double near = std::clamp(at, a1 + 3, a2 - 3);
      if (chip.meaning.empty()) {
        if (wide() || near != at) frame_.line(wide() ? near : a1 + 8, edge, at, call, "faint-line", 1);
        continue;
      }
      std::vector<std::pair<double, double>> way{{near, edge}, {near, bend}, {at, bend}, {at, call}};
      if (near == at) way = {{at, edge}, {at, call}};
      if (!chip.to_call) std::reverse(way.begin(), way.end());
      const double width = chip.meaning == "cpu" ? (wide() ? 5 : 4) : 3;
      if (outer) {
        frame_.arrow(way, chip.meaning, width, chip.dash);
      } else {  // within the kernel nothing crosses a border
        frame_.way(way, chip.meaning, width, chip.dash);
        frame_.circle(at, call, width, chip.meaning);
      }
    }
    if (!chip.meaning.empty()) frame_.box(a1, a2, c1, c2, fmt::format("paper {}-line", chip.meaning), chip.dash);
    const double left = frame_.x(a1, c1) + (wide() ? 8 : 4);
    double y = frame_.y(a1, c1) + (wide() ? 17 : 14);
    if (wide() && chip.lines.size() < 3) y += 16;
    for (const auto& line : chip.lines) {
      svg_.text(left, y, line.text, line.classes, line.font);
      y += wide() ? 15.5 : 13.5;
    }
    svg_.close();
  }
}

void ChunkPicture::draw_disk() {
  draw_requests(scene_.disk_of_others, true);
  draw_requests(scene_.disk, false);
}

void ChunkPicture::draw_requests(const Events& requests, bool of_others) {
  const auto& at = lanes_;
  const auto& run = document_.run;
  bool direct = false, cached = false;
  for (const auto& edge : edges(document_.ledger, Side::sender))
    if (edge.from == End::disk) (edge.to == End::user_buffer ? direct : cached) = true;
  for (const auto& piece : pieces(frame_, requests, kMostOfOthers)) {
    const auto& request = *piece.first;
    auto text = format_bytes(request.bytes);
    if (piece.count > 1) text = say_count(options_.language, piece.count, Text::one_request, Text::many_requests);
    const auto full = fmt::format("{} {} · {}", piece.count > 1 ? "" : document_.names.at(request.name), text,
                                  format_ns(piece.until - piece.from));
    svg_.open(time_range(piece.from, piece.until), tip(request, full));
    if (!of_others && piece.until <= frame_.window().until && run.source.dma && (direct != cached)) {
      // Pale, where nothing tells whether it is this chunk that it brings.
      if (!scene_.knows_disk) svg_.open(kPale);
      frame_.arrow({{piece.high - 1, at.disk1}, {piece.high - 1, direct ? at.thread + 4 : at.hardware1 - 12}}, "dma",
                   3);
      if (!scene_.knows_disk) svg_.close();
    }
    if (of_others) svg_.open(kPaler);
    frame_.rect(piece.low, piece.high, at.disk1, at.disk2, run.source.dma ? "dma" : "receive", 3);
    frame_.cuts(piece, at.disk1, at.disk2);
    if (of_others) svg_.close();
    if (wide())
      for (const auto& each : {full, text})
        if (text_width(each, {12}) + 10 <= piece.high - piece.low) {
          svg_.text(piece.low + 6, at.disk2 - 7, each, of_others ? "dim" : run.source.dma ? "paper" : "ink", {12});
          break;
        }
    svg_.close();
  }
}

void ChunkPicture::draw_card() {
  draw_packets(scene_.transmits_of_others, true);
  draw_packets(scene_.transmits, false);
}

void ChunkPicture::draw_packets(const Events& sent, bool of_others) {
  const auto& at = lanes_;
  const auto& run = document_.run;
  const auto packets = pieces(frame_, sent, kMostOfOthers);
  double taken = frame_.begin();  // by packets and their texts
  for (size_t i = 0; i < packets.size(); ++i) {
    const auto& piece = packets[i];
    const auto& packet = *piece.first;
    const std::string_view meaning = run.path.dma ? "dma" : "dim";
    const auto text = piece.count > 1 ? say_count(options_.language, piece.count, Text::one_packet, Text::many_packets)
                                      : say(options_.language, Text::sequence_packet, format_bytes(payload(packet)));
    const auto full = piece.count > 1 ? text
                                      : text + words_of(Text::comma).data() +
                                            say_count(options_.language, packet.count, Text::sequence_one_segment,
                                                      Text::sequence_segments);
    svg_.open(time_range(piece.from, piece.until), tip(packet, full));
    if (of_others) svg_.open(kPaler);
    const double high = std::max(piece.high, piece.low + 4);
    frame_.arrow({{(piece.low + high) / 2, at.hardware1 - 12}, {(piece.low + high) / 2, at.nic1}}, meaning, 2);
    frame_.rect(piece.low, high, at.nic1, at.nic2, meaning, 1);
    if (of_others) svg_.close();
    const double after = (i + 1 < packets.size() ? packets[i + 1].low : frame_.end() + 16) - high - 8;
    const double before = piece.low - taken - 8;
    taken = high;
    for (const auto& each : {full, text}) {
      const double width = text_width(each, {12});
      const bool fits_after = width <= after;
      if (!wide() || of_others || (!fits_after && width > before)) continue;
      svg_.text(fits_after ? high + 4 : piece.low - 4, at.nic2 - 7, each, "ink", {12},
                fits_after ? Anchor::start : Anchor::end);
      if (fits_after) taken = high + 4 + width;
      break;
    }
    svg_.close();
  }
}

void ChunkPicture::draw_lane(const Thread& thread, double c1, double c2) {
  std::vector<Chip> marks, pale;
  for (const auto& moved : thread.moved) (moved.of_others ? pale : marks).push_back(chip(moved));
  if (!thread.calls_of_others.empty() || !pale.empty()) {
    svg_.open(kPaler);
    for (const auto& piece : pieces(frame_, thread.calls_of_others, kMostOfOthers)) {
      svg_.open(time_range(piece.from, piece.until), tip(*piece.first, call_text(*piece.first, true)));
      frame_.rect(piece.low, piece.high, c1, c2, "receive", 2);
      frame_.cuts(piece, c1, c2);
      svg_.close();
    }
    draw_marks(pale, c1, c2);
    svg_.close();
  }
  const auto covered = [&](double from, double until) {
    return std::any_of(marks.begin(), marks.end(), [&](const Chip& mark) {
      return std::any_of(mark.at.begin(), mark.at.end(), [&](double a) { return a > from - 5 && a < until + 5; });
    });
  };
  for (const auto& piece : pieces(frame_, thread.calls, kMostOfOthers)) {
    const auto& call = *piece.first;
    svg_.open(time_range(piece.from, piece.until), tip(call, call_text(call, true)));
    frame_.rect(piece.low, piece.high, c1, c2, "receive", 2);
    frame_.cuts(piece, c1, c2);
    const auto text = call_text(call, false);
    const double width = text_width(text, {12});
    // At the begin, or where no copy is drawn over it.
    for (double x = std::max(piece.low, frame_.begin()) + 6; wide() && piece.count == 1 && x + width + 4 <= piece.high;
         x += 12) {
      if (covered(x, x + width)) continue;
      svg_.text(x, c1 + 15, text, "ink", {12});
      break;
    }
    svg_.close();
  }
  for (const auto& piece : pieces(frame_, thread.off_cpu, kMostOfOthers)) {
    frame_.rect(piece.low, piece.high, wide() ? c2 - 6 : c2 - 10, c2, "paper");
    frame_.hatch(piece.low, piece.high, wide() ? c2 - 6 : c2 - 10, c2, "dim-line");
  }
  draw_marks(marks, c1, c2);
}

void ChunkPicture::draw_marks(const std::vector<Chip>& marks, double c1, double c2) {
  // What would lie under a line that is there already is left out.
  constexpr double kThick = 4;
  std::set<std::pair<std::string_view, long>> drawn;
  for (const auto& mark : marks) {
    std::vector<double> seen;
    for (const double a : mark.at)
      if (drawn.emplace(mark.meaning, std::lround(a / kThick)).second) seen.push_back(a);
    if (seen.empty()) continue;
    svg_.open(mark.group, mark.tooltip);
    for (const double a : seen)
      frame_.line(a, c1 - 2, a, c2 + 2, fmt::format("{}-line", mark.meaning), kThick, mark.dash);
    svg_.close();
  }
}

void ChunkPicture::draw_others() {
  const auto& others = scene_.others;
  if (others.empty()) return;
  const auto merged = [&](size_t first) {
    Thread all = others[first];
    for (size_t i = first + 1; i < others.size(); ++i) {
      for (auto [into, from] : {std::pair{&all.calls, &others[i].calls},
                                {&all.calls_of_others, &others[i].calls_of_others},
                                {&all.off_cpu, &others[i].off_cpu}})
        into->insert(into->end(), from->begin(), from->end());
      all.moved.insert(all.moved.end(), others[i].moved.begin(), others[i].moved.end());
    }
    for (auto* events : {&all.calls, &all.calls_of_others, &all.off_cpu})
      std::stable_sort(events->begin(), events->end(),
                       [](const Burst& a, const Burst& b) { return a.first.t_ns < b.first.t_ns; });
    return all;
  };
  if (!wide()) return draw_lane(merged(0), lanes_.others1 + 4, svg_.width() - 10);
  const size_t lanes = std::min(others.size(), kMostLanes);
  size_t receivers = 0;
  for (const auto& each : others) receivers += each.side == Side::receiver ? 1 : 0;
  for (size_t i = 0; i < lanes; ++i) {
    const double y = lanes_.others1 + kLane * static_cast<double>(i);
    const bool rest = i + 1 == lanes && others.size() > lanes;
    auto name = std::string(words_of(Text::receiver));
    if (others[i].side == Side::sender)
      name = say(options_.language, Text::sequence_thread, others[i].task);
    else if (receivers > 1)
      name = say(options_.language, Text::sequence_receiver, i + 1);
    if (rest) name = say(options_.language, Text::sequence_more_tasks, format_count(others.size() - i));
    svg_.text(kMargin + 10, y + 20, fit(name, 112, {12}), "ink", {12});
    draw_lane(rest ? merged(i) : others[i], y + 5, y + kLane - 5);
  }
}

}  // namespace zctrace::diagram
