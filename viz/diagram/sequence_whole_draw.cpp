#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/timeline/ledger.h"
#include "viz/diagram/sequence_whole.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr double kMostName = 164;  ///< px, beside a lane
constexpr size_t kRanges = 48;     ///< stretches of time that a pointer can ask about

}  // namespace

/// Above the lanes: what the run's marks are called.
double WholePicture::draw_marks(double y) {
  struct Named {
    double at;
    uint64_t ns;
    std::string text;
  };
  std::vector<Named> named;
  for (const auto& mark : seen_.marks) {
    const auto& name = document_.names.at(mark.name);
    const auto text = name == "transfer begins"    ? words_of(Text::sequence_begins_mark)
                      : name == "transfer ends"    ? words_of(Text::sequence_ends_mark)
                      : name == "send queue empty" ? words_of(Text::sequence_empty_mark)
                      : name == "received"         ? words_of(Text::sequence_received_mark)
                                                   : std::string_view(name);
    named.push_back({frame_.at(mark.at), mark.at, std::string(text)});
  }
  const Font font{wide() ? 12.0 : 11.0};
  std::vector<Slot> slots;
  for (const auto& each : named) slots.push_back({each.at, text_width(fit(each.text, 180, font), font)});
  spread(slots, wide() ? kMargin : left_, right_ + (wide() ? 20 : 0), 10);
  for (size_t i = 0; i < slots.size(); ++i) {
    if (!slots[i].placed) continue;
    const double middle = slots[i].low + slots[i].size / 2;
    svg_.open(time_range(named[i].ns, named[i].ns), named[i].text + " · " + format_ns(named[i].ns));
    svg_.text(middle, y + 12, fit(named[i].text, 180, font), "ink", font, Anchor::middle);
    svg_.path(fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}", middle, y + 17, named[i].at, y + 27,
                          named[i].at, y + 31),
              "dim-line");
    svg_.close();
  }
  return y + (named.empty() ? 4 : 32);
}

double WholePicture::draw_lane(const Lane& lane, double y) {
  // "none seen" is no finding.
  const bool nothing = lane.figure == words_of(Text::sequence_none_seen);
  const auto classes = nothing ? "dim" : lane.classes;
  const double edge = wide() ? kMargin : kNarrowMargin, caption = wide() ? 0 : 17;
  svg_.rect(edge, y, svg_.width() - 2 * edge, caption + lane.height + 6, lane.band);
  if (wide()) {
    const double middle = y + 3 + lane.height / 2;
    svg_.text(edge + 10, middle - 2, fit(lane.name, kMostName, {12.5}), "ink", {12.5});
    svg_.text(edge + 10, middle + 12, fit(lane.figure, kMostName, {11.5}), classes, {11.5});
  } else {
    svg_.text(edge + 4, y + 13, lane.name, "ink", {11.5});
    svg_.text(svg_.width() - edge - 4, y + 13, fit(lane.figure, 220, {11.5}), classes, {11.5}, Anchor::end);
  }
  const double top = y + 3 + caption, bottom = top + lane.height;
  draw_times(top, bottom);
  std::vector<double> base;
  for (const auto& layer : lane.layers) draw_layer(layer, base, top, bottom);
  svg_.line(left_, bottom, right_, bottom, "faint-line");
  return y + caption + lane.height + 6;
}

void WholePicture::draw_layer(const Layer& layer, std::vector<double>& base, double top, double bottom) {
  const double height = bottom - top, column = (right_ - left_) / static_cast<double>(layer.heights.size());
  base.resize(layer.heights.size());
  const auto level = [&](double share) { return std::round((bottom - height * std::clamp(share, 0.0, 1.0)) * 2) / 2; };
  std::string d;
  if (layer.fill == Layer::Fill::hatched) {
    for (size_t i = 0; i < base.size(); i += 2) {
      const double low = level(base[i]), high = level(base[i] + layer.heights[i]);
      if (low - high >= 1) d += fmt::format("M{:.1f} {}V{}", left_ + column * static_cast<double>(i) + 0.6, low, high);
    }
    if (!d.empty()) svg_.path(d, fmt::format("{}-line", layer.classes), 1.2);
  } else {
    const double ground = level(0);
    double before = ground;
    for (size_t i = 0; i < base.size(); ++i) {
      const double at = level(layer.heights[i]);
      if (at == before) continue;
      d += fmt::format("{}{:.1f}V{}", d.empty() ? fmt::format("M{:.1f} {}H", left_, ground) : "H",
                       left_ + column * static_cast<double>(i), at);
      before = at;
    }
    if (!d.empty()) d += fmt::format("H{:.1f}V{}z", right_, ground);
    if (!d.empty() && layer.fill == Layer::Fill::full) svg_.shape(d, layer.classes);
    if (!d.empty() && layer.fill == Layer::Fill::outline)
      svg_.path(d, fmt::format("{}-line", layer.classes), 1.2, "3 1.5");
  }
  for (size_t i = 0; i < base.size(); ++i) base[i] = std::min(1.0, base[i] + layer.heights[i]);
}

/// Behind a lane: the marks, and the time in which the kernel sends what it holds.
void WholePicture::draw_times(double top, double bottom) {
  if (drain_.duration() > 0) {
    svg_.open("fill-opacity=\"0.14\"");
    svg_.rect(frame_.at(drain_.from), top, frame_.at(drain_.until) - frame_.at(drain_.from), bottom - top, "warn");
    svg_.close();
  }
  for (const auto& mark : seen_.marks)
    svg_.line(frame_.at(mark.at), top, frame_.at(mark.at), bottom, "dim-line", 1, "3 3");
}

void WholePicture::draw_stretches(double y) {
  struct Stretch {
    Window window;
    std::string text;
    std::string_view classes;
  };
  std::vector<Stretch> stretches;
  if (chunk_.kind == Choice::Kind::round && chunk_.rounds > 1) {
    const bool chunk = chunk_.rounds == chunks(document_.run);
    stretches.push_back({chunk_.window,
                         say_either(options_.language, chunk, Text::sequence_chunk_mark, Text::sequence_round_mark,
                                    format_count(chunk_.number)),
                         "ink"});
  }
  if (drain_.duration() > 0)
    stretches.push_back({drain_, say(options_.language, Text::sequence_drain, format_ns(drain_.duration())), "warn"});
  const Font font{11.5};
  std::vector<Slot> slots;
  for (const auto& stretch : stretches)
    slots.push_back(
        {(frame_.at(stretch.window.from) + frame_.at(stretch.window.until)) / 2, text_width(stretch.text, font)});
  spread(slots, left_, right_, 12);
  for (size_t i = 0; i < stretches.size(); ++i) {
    const auto& [window, text, classes] = stretches[i];
    const double low = frame_.at(window.from), high = std::max(frame_.at(window.until), low + 3);
    svg_.open(time_range(window.from, window.until), text + " · " + format_ns(window.duration()));
    svg_.line(low, y, high, y, fmt::format("{}-line", classes), 3);
    if (slots[i].placed) svg_.text(slots[i].low + slots[i].size / 2, y + 14, text, classes, font, Anchor::middle);
    svg_.close();
  }
}

/// Invisible, for the pointer: what happened in each stretch of the run.
void WholePicture::draw_ranges(double top, double bottom) {
  const auto window = seen_.window;
  const auto calls = seen_.calls.values(), copied = seen_.cpu_copies.values(), kernel = seen_.sender.kernel.values();
  const size_t columns = calls.size(), most = std::min(kRanges, columns);
  svg_.open("fill-opacity=\"0\"");
  for (size_t i = 0; i < most; ++i) {
    const size_t first = columns * i / most, last = columns * (i + 1) / most;
    const auto time = [&](size_t column) {
      return window.from + rounded(static_cast<double>(window.duration()) * static_cast<double>(column) /
                                   static_cast<double>(columns));
    };
    double all = 0, bytes = 0, busy = 0;
    for (size_t at = first; at < last; ++at) {
      all += calls[at];
      bytes += copied[at];
      busy += std::clamp(kernel[at], 0.0, 1.0);
    }
    const auto text =
        fmt::format("{} – {} · {} · {} {:.0f}% · {} {}", format_ns(time(first)), format_ns(time(last)),
                    say_count(options_.language, rounded(all), Text::sequence_one_call, Text::sequence_calls),
                    words_of(Text::kernel), 100 * busy / static_cast<double>(last - first), words_of(Text::cpu_copy),
                    format_bytes(rounded(bytes)));
    svg_.open(time_range(time(first), time(last)), text);
    const double column = (right_ - left_) / static_cast<double>(columns);
    svg_.rect(left_ + column * static_cast<double>(first), top, column * static_cast<double>(last - first),
              bottom - top, "ink");
    svg_.close();
  }
  svg_.close();
}

}  // namespace zctrace::diagram
