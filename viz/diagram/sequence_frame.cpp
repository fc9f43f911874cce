#include "viz/diagram/sequence_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace zctrace::diagram {
namespace {

/// What goes on beyond the window reaches out of it by so much.
constexpr double kBeyond = 10;

}  // namespace

Frame::Frame(Svg& svg, bool downwards, Window window, double begin, double end)
    : svg_(&svg), downwards_(downwards), window_(window), begin_(begin), end_(end) {}

double Frame::at(uint64_t ns) const {
  if (ns <= window_.from || window_.duration() == 0) return begin_;
  if (ns >= window_.until) return end_;
  return begin_ + (end_ - begin_) * (static_cast<double>(ns - window_.from) / static_cast<double>(window_.duration()));
}

void Frame::rect(double a1, double a2, double c1, double c2, std::string_view classes, double radius) {
  if (downwards_) {
    svg_->rect(c1, a1, c2 - c1, a2 - a1, classes, radius);
  } else {
    svg_->rect(a1, c1, a2 - a1, c2 - c1, classes, radius);
  }
}

void Frame::line(double a1, double c1, double a2, double c2, std::string_view classes, double width,
                 std::string_view dash) {
  svg_->line(x(a1, c1), y(a1, c1), x(a2, c2), y(a2, c2), classes, width, dash);
}

void Frame::box(double a1, double a2, double c1, double c2, std::string_view classes, std::string_view dash) {
  const auto attributes = dash.empty() ? std::string() : fmt::format("stroke-dasharray=\"{}\"", dash);
  svg_->open(attributes);
  rect(a1, a2, c1, c2, classes, 5);
  svg_->close();
}

void Frame::way(const std::vector<std::pair<double, double>>& points, std::string_view meaning, double width,
                std::string_view dash) {
  std::string d;
  for (const auto& [a, c] : points) d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", x(a, c), y(a, c));
  svg_->path(d, fmt::format("{}-line", meaning), width, dash);
}

void Frame::arrow(std::vector<std::pair<double, double>> points, std::string_view meaning, double width,
                  std::string_view dash) {
  const double half = width * 0.8 + 2.6, length = 2 * half;
  const auto [a, c] = points.back();
  const double forward = c > points[points.size() - 2].second ? 1 : -1, back = c - forward * length;
  points.back().second = back + forward;
  way(points, meaning, width, dash);
  svg_->shape(fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}z", x(a, c), y(a, c), x(a - half, back),
                          y(a - half, back), x(a + half, back), y(a + half, back)),
              meaning);
}

void Frame::hatch(double a1, double a2, double c1, double c2, std::string_view classes) {
  const double middle = (c1 + c2) / 2;
  line(a1, middle, a2, middle, classes, c2 - c1, "1.2 3.8");
}

void Frame::cuts(const Piece& piece, double c1, double c2) {
  const auto cut = [&](double at) {
    for (const double a : {at - 2.5, at + 2.5}) line(a - 2, c2 + 2, a + 2, c1 - 2, "paper-line", 2);
  };
  constexpr double kInside = 8;
  if (piece.high - piece.low < 2 * kInside) return;
  if (piece.from < window_.from) cut(piece.low + kInside);
  if (piece.until > window_.until) cut(piece.high - kInside);
}

void Frame::circle(double a, double c, double radius, std::string_view classes, double width) {
  svg_->circle(x(a, c), y(a, c), radius, classes, width);
}

void Frame::number(double a, double c, std::string_view text, Font font) {
  svg_->text(x(a, c), y(a, c) + font.size * 0.36, text, "ink", font, Anchor::middle);
}

void Frame::axis(double c1, double c2, double label) {
  const auto duration = static_cast<double>(window_.duration());
  const double room = downwards_ ? 44 : 80;  // px a label takes
  const double least = std::max(1.0, duration * room / (end_ - begin_));
  const double power = std::pow(10, std::floor(std::log10(least)));
  const double step = power * (least <= power ? 1 : least <= 2 * power ? 2 : least <= 5 * power ? 5 : 10);
  for (double ns = 0; ns <= duration; ns += step) {
    const double a = begin_ + (duration > 0 ? (end_ - begin_) * ns / duration : 0);
    line(a, c1, a, c2, "faint-line", 1, ns == 0 ? "" : "1 4");
    const auto text = ns == 0 ? std::string("0") : format_ns(rounded(ns));
    if (downwards_) {
      svg_->text(label, a + 4, fit(text, label, {11}), "dim", {11}, Anchor::end);
    } else {
      const double half = text_width(text, {11}) / 2;
      svg_->text(std::min(a, svg_->width() - half), label, text, "dim", {11}, Anchor::middle);
    }
  }
}

uint64_t finest(Window window) { return window.duration() / 1024; }

void add_burst(std::vector<Burst>& events, const timeline::Event& event, Window window) {
  const auto until = end_of(event), from = std::max(event.t_ns, window.from);
  if (!events.empty()) {
    auto& burst = events.back();
    const auto begin = std::max(burst.first.t_ns, window.from);
    if (from >= begin && (from < burst.until || from - begin <= finest(window))) {
      burst.last = std::max(burst.last, event.t_ns);
      burst.until = std::max(burst.until, until);
      ++burst.count;
      return;
    }
  }
  events.push_back({event, event.t_ns, until, 1});
}

std::vector<Piece> pieces(const Frame& frame, const std::vector<Burst>& events, size_t most) {
  std::vector<Piece> found;
  for (const auto& burst : events) {
    const uint64_t from = burst.first.t_ns, until = burst.until;
    if (!frame.shows(from, until)) continue;
    const auto window = frame.window();
    const double low = from < window.from ? frame.begin() - kBeyond : frame.at(from);
    const double high = until > window.until ? frame.end() + kBeyond : std::max(frame.at(until), std::max(low, frame.at(burst.last)) + 1.5);
    if (!found.empty() && low < found.back().high) {
      auto& last = found.back();
      last.until = std::max(last.until, until);
      last.high = std::max(last.high, high);
      last.count += burst.count;
    } else {
      found.push_back({from, until, low, high, burst.count, &burst.first});
    }
  }
  for (double gap = 1; found.size() > most; gap *= 2) {
    std::vector<Piece> fewer;
    for (const auto& piece : found) {
      if (!fewer.empty() && piece.low < fewer.back().high + gap) {
        auto& last = fewer.back();
        last.until = std::max(last.until, piece.until);
        last.high = std::max(last.high, piece.high);
        last.count += piece.count;
      } else {
        fewer.push_back(piece);
      }
    }
    found = std::move(fewer);
  }
  return found;
}

std::string time_range(uint64_t from, uint64_t until) {
  return fmt::format("data-from=\"{}\" data-until=\"{}\"", from, until);
}

void spread(std::vector<Slot>& slots, double from, double until, double gap) {
  double used = -gap;
  for (auto& slot : slots) {
    slot.placed = used + gap + slot.size <= until - from;
    if (slot.placed) used += gap + slot.size;
  }
  // Slots that touch form a cluster; it lies where its slots are off their wants by the least, on average.
  struct Cluster {
    double low, length, wants;  ///< wants: the sum of where each slot would have the cluster begin
    std::vector<Slot*> slots;
  };
  std::vector<Cluster> clusters;
  const auto settle = [&](Cluster& cluster) {
    cluster.low = std::clamp(cluster.wants / static_cast<double>(cluster.slots.size()), from,
                             std::max(from, until - cluster.length));
  };
  for (auto& slot : slots) {
    if (!slot.placed) continue;
    clusters.push_back({0, slot.size, slot.want - slot.size / 2, {&slot}});
    settle(clusters.back());
    while (clusters.size() > 1) {
      auto& left = clusters[clusters.size() - 2];
      auto& right = clusters.back();
      if (left.low + left.length + gap <= right.low) break;
      left.wants += right.wants - static_cast<double>(right.slots.size()) * (left.length + gap);
      left.length += gap + right.length;
      left.slots.insert(left.slots.end(), right.slots.begin(), right.slots.end());
      clusters.pop_back();
      settle(left);
    }
  }
  for (const auto& cluster : clusters) {
    double low = cluster.low;
    for (auto* slot : cluster.slots) {
      slot->low = low;
      low += slot->size + gap;
    }
  }
}

}  // namespace zctrace::diagram
