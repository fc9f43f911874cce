#include <algorithm>
#include <utility>

#include "base/units.h"
#include "model/language/texts.h"
#include "viz/diagram/sequence_chunk.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr size_t kMostBars = 60;
constexpr double kBar = 22, kBetween = 24;
constexpr std::string_view kOtherBytes = "opacity=\".3\"";

/// "+5": calls with some of the chunk's bytes beside those that are named.
std::string not_named(const Receives& receives) { return "+" + format_count(receives.count - receives.named.size()); }

}  // namespace

/// The first calls with some of the chunk's bytes, filled as far as the bytes are the chunk's, each with an arrow from
/// where it was sent.
void ChunkPicture::draw_taken(const Frame& frame, double from, double c1, double c2) {
  const auto& receives = scene_.receives;
  const auto language = options_.language;
  std::vector<Chip> chips;
  std::vector<Slot> slots;
  Frame draw = frame;
  for (const auto& receive : receives.named) {
    const auto until = end_of(receive.call);
    const auto window = frame.window();
    const auto& name = document_.names.at(receive.call.name);
    const double low = receive.call.t_ns < window.from ? frame.begin() - 10 : frame.at(receive.call.t_ns);
    const double high = std::max(frame.at(until), low + 1.5);
    Chip chip;
    const auto part = format_bytes(receive.part),
               by = say(language, Text::sequence_taken_by, name, format_bytes(receive.bytes));
    chip.group = time_range(receive.call.t_ns, until);
    chip.tooltip = tip(receive.call, part + " · " + by + " · " + format_ns(receive.call.dur_ns));
    chip.lines = {{part, "ink", {13, true}}, {by, "dim", {12}}};
    chip.at = {high};
    svg_.open(chip.group, chip.tooltip);
    draw.rect(low, high, c1, c2, "send", 2);
    if (receive.part < receive.bytes) {
      // The part of it that is not the chunk's.
      const double share = static_cast<double>(receive.part) / static_cast<double>(receive.bytes);
      const double edge = c2 - std::min((1 - share) * (c2 - c1), c2 - c1 - 2);
      draw.rect(low, high, edge, c2, "paper");
      svg_.open(kOtherBytes);
      draw.rect(low, high, edge, c2, "receive");
      svg_.close();
    }
    draw.cuts({receive.call.t_ns, until, low, high, 1, &receive.call}, c1, c2);
    const double to = std::max(high - 2, frame.begin()), start = std::min(from, to);
    draw.arrow({{start, c1 - kBetween}, {to, c1 - 9}, {to, c1}}, "send", 1.6);
    svg_.close();
    double width = 0;
    for (const auto& line : chip.lines) width = std::max(width, text_width(line.text, line.font));
    slots.push_back({high - 2, width});
    chips.push_back(std::move(chip));
  }
  if (!wide()) return;
  if (receives.count > receives.named.size()) {
    Chip rest;
    rest.lines = {{not_named(receives), "ink", {13, true}}};
    const double middle = (slots[slots.size() - 2].want + frame.at(receives.named.back().call.t_ns)) / 2;
    slots.insert(slots.end() - 1, {middle, text_width(rest.lines[0].text, rest.lines[0].font)});
    chips.insert(chips.end() - 1, std::move(rest));
  }
  spread(slots, frame.begin() - 10, frame.end() + 10, 14);
  for (size_t i = 0; i < chips.size(); ++i) {
    if (!slots[i].placed) continue;
    const double at = slots[i].low;
    draw.line(std::clamp(slots[i].want, at, at + slots[i].size), c2 + 10, slots[i].want, c2 + 1, "faint-line", 1);
    svg_.open(chips[i].group, chips[i].tooltip);
    double y = c2 + 23;
    for (const auto& line : chips[i].lines) {
      svg_.text(at, y, line.text, line.classes, line.font);
      y += 15.5;
    }
    svg_.close();
  }
}

double ChunkPicture::draw_receives(double top) {
  const auto& receives = scene_.receives;
  const auto language = options_.language;
  const double margin = margin_of(options_), right = svg_.width() - margin, width = right - margin;
  double y = top + 26;
  if (!receives.known()) {
    const auto text = unknown_text(receives, language);
    return text.empty() ? top : paragraph(svg_, margin, y, width, text, "warn", {13}) - 8;
  }
  const auto calls = [&](size_t count) {
    return say_count(language, count, Text::sequence_one_call, Text::sequence_calls);
  };
  y = paragraph(svg_, margin, y, width,
                say(language, Text::sequence_received, format_bytes(receives.range.until - receives.range.from),
                    calls(receives.count), format_ns(receives.complete_ns - choice_.window.from)),
                "ink", {wide() ? 15.0 : 14.0, true});
  auto place = say(language, Text::sequence_place, format_exact(receives.range.from));
  if (receives.count_of_others > 0)
    place += " · " + say(language, Text::sequence_pale_calls, calls(receives.count_of_others));
  y = paragraph(svg_, margin, y, width, place, "dim", {12}) + 10;

  const double gutter = wide() ? 118 : 52;
  Frame frame(svg_, false, receives.window, margin + gutter + 16, right - (wide() ? 22 : 12));
  const double s1 = y + 12, s2 = s1 + kBar, r1 = s2 + kBetween, r2 = r1 + kBar, bottom = r2 + (wide() ? 48 : 8);
  svg_.rect(margin, s1 - 8, width, bottom - s1 + 8, "kernel");
  frame.axis(s1 - 8, r2 + 4, y);
  const Font names{wide() ? 12.0 : 11.0};
  svg_.text(margin + (wide() ? 10 : 3), s1 + 15, fit(words_of(Text::sender), gutter - 4, names), "ink", names);
  svg_.text(margin + (wide() ? 10 : 3), r1 + 15, fit(words_of(Text::receiver), gutter - 4, names), "ink", names);
  const auto bars = [&](const std::vector<Burst>& events, double c1, std::string_view classes) {
    double end = frame.begin();
    for (const auto& piece : pieces(frame, events, kMostBars)) {
      svg_.open(time_range(piece.from, piece.until),
                piece.count == 1 ? tip(*piece.first, call_text(*piece.first, true)) : calls(piece.count));
      frame.rect(piece.low, piece.high, c1, c1 + kBar, classes, 2);
      frame.cuts(piece, c1, c1 + kBar);
      svg_.close();
      end = piece.high;
    }
    return end;
  };
  svg_.open(kOtherBytes);
  bars(receives.sends_of_others, s1, "receive");
  bars(receives.calls_of_others, r1, "receive");
  svg_.close();
  const double sent = bars(receives.sends, s1, "send");
  if (receives.count > receives.named.size()) bars(receives.calls, r1, "send");
  draw_taken(frame, sent - 1, r1, r2);
  y = bottom;
  if (wide()) return y + 8;
  y += 14;
  for (const auto& receive : receives.named) {
    auto text =
        format_bytes(receive.part) + " · " +
        say(language, Text::sequence_taken_by, document_.names.at(receive.call.name), format_bytes(receive.bytes)) +
        " · " + say(language, Text::sequence_at, format_ns(end_of(receive.call) - receives.window.from));
    if (&receive == &receives.named.back() && receives.count > receives.named.size())
      y = paragraph(svg_, margin, y + 4, width, not_named(receives), "ink", {12, true});
    y = paragraph(svg_, margin, y + 4, width, text, "ink", {12});
  }
  return y - 4;
}

}  // namespace zctrace::diagram
