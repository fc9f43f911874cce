#include "viz/diagram/flow_brush.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zctrace::diagram::flow_parts {
namespace {

constexpr double kHead = 13;    // length of an arrow's head
constexpr double kRadius = 11;  // of a mode switch's mark

std::string stroke_of(summary::ArrowStyle style) { return std::string(class_of(style)) + "-line"; }

std::string path_of(const std::vector<Point>& points) {
  std::string d;
  for (const auto& point : points) d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", point.x, point.y);
  return d;
}

/// `length` before `tip` on the way from `from`.
Point before(Point tip, Point from, double length) {
  const double all = std::max(1.0, std::hypot(tip.x - from.x, tip.y - from.y));
  return {tip.x - (tip.x - from.x) / all * length, tip.y - (tip.y - from.y) / all * length};
}

}  // namespace

std::string_view class_of(summary::ArrowStyle style) {
  switch (style) {
    case summary::ArrowStyle::copy:
      return "cpu";
    case summary::ArrowStyle::dma:
      return "dma";
    case summary::ArrowStyle::reference:
      return "ref";
    case summary::ArrowStyle::transform:
      return "transform";
    case summary::ArrowStyle::handed_over:
      return "dim";
    case summary::ArrowStyle::doubtful:
      return "warn";
  }
  return "ink";
}

double shaft(summary::ArrowStyle style, double per_byte) {
  switch (style) {
    case summary::ArrowStyle::copy:
      return std::clamp(11 * per_byte, 4.0, 22.0);
    case summary::ArrowStyle::dma:
    case summary::ArrowStyle::transform:
    case summary::ArrowStyle::doubtful:
      return std::clamp(9 * per_byte, 6.0, 18.0);
    case summary::ArrowStyle::reference:
      return std::clamp(4 * per_byte, 2.5, 8.0);
    case summary::ArrowStyle::handed_over:
      break;
  }
  return 2;
}

std::vector<Line> label_of(const summary::Arrow& arrow, double most) {
  std::vector<Line> lines;
  for (auto& text : wrap(arrow.amount, most, kAmountFont, 4))
    lines.push_back({std::move(text), class_of(arrow.style), kAmountFont});
  const auto add = [&](const std::string& text) {
    for (auto& line : wrap(text, most, kSmallFont, 2)) lines.push_back({std::move(line), "dim", kSmallFont});
  };
  const auto both =
      arrow.function.empty() || arrow.calls.empty() ? arrow.function + arrow.calls : arrow.function + " " + arrow.calls;
  if (text_width(both, kSmallFont) <= most) {
    add(both);
  } else {
    add(arrow.function);
    add(arrow.calls);
  }
  add(arrow.circumstance);
  return lines;
}

void Brush::band(const Rect& box, std::string_view classes, std::string_view name) {
  svg_.rect(box.x, box.y, box.width, box.height, classes);
  // On a phone the way of the bytes is near.
  const double inset = svg_.width() < width_of(Form::wide) ? 5 : 10;
  if (!name.empty()) svg_.text(box.x + inset, box.y + 17, fit(name, box.width - 2 * inset, {12}), "dim", {12});
}

void Brush::box(const Rect& box, const summary::Box& place) {
  const auto d = fmt::format(
      "M{0:.1f} {1:.1f}h{2:.1f}a8 8 0 0 1 8 8v{3:.1f}a8 8 0 0 1 -8 8h-{2:.1f}a8 8 0 0 1 -8 -8v-{3:.1f}a8 8 0 0 1 8 -8z",
      box.x + 8, box.y, box.width - 16, box.height - 16);
  if (place.several) svg_.rect(box.x + 6, box.y - 6, box.width, box.height, "box dim-line", 8);
  svg_.shape(d, place.used ? "box" : "idle");
  svg_.path(d, place.used ? "dim-line" : "faint-line", 1.3, place.used ? "" : "3 4");
  // A long title is set smaller, then on several lines. Fonts wider than the usual ones need room beside it.
  auto title = Font{15, true};
  const double most = box.width - 10, roomy = box.width - 18;
  while (title.size > 13 && text_width(place.title, title) > roomy) title.size -= 1;
  const auto room = std::max(1.0, (box.height - 8 - (place.below.empty() ? 0 : 16)) / (title.size + 4));
  const auto lines = wrap(place.title, most, title, static_cast<size_t>(std::min(room, 5.0)));
  const auto below = wrap(place.below, most + 4, kSmallFont, box.height > 100 ? 3 : 1);
  const double step = title.size + 4;
  double y =
      box.centre() + 5 - step * (static_cast<double>(lines.size()) - 1) / 2 - 8 * static_cast<double>(below.size());
  const auto ends = [](const std::vector<std::string>& texts) { return !texts.empty() && texts.back().ends_with("…"); };
  const bool cut = ends(lines) || ends(below);
  if (cut) svg_.open({}, place.title + "\n" + place.below);
  for (const auto& line : lines) {
    svg_.text(box.middle(), y, line, place.used ? "ink" : "dim", {title.size, place.used}, Anchor::middle);
    y += step;
  }
  for (const auto& line : below) {
    svg_.text(box.middle(), y - 1, line, "dim", kSmallFont, Anchor::middle);
    y += kLineHeight;
  }
  if (cut) svg_.close();
}

void Brush::arrow(const std::vector<Point>& points, const summary::Arrow& what, bool quiet) {
  if (quiet) svg_.open("opacity=\".5\"");
  arrow(points, what.style, what.per_byte, what.counted);
  if (quiet) svg_.close();
}

void Brush::arrow(const std::vector<Point>& points, summary::ArrowStyle style, double per_byte, bool counted) {
  if (placing()) placed_->ways.push_back({key_, points, style});
  const double width = shaft(style, per_byte);
  const auto stroke = stroke_of(style);
  auto line = points;
  const Point tip = points.back(), from = points[points.size() - 2];
  const bool open_head = style == summary::ArrowStyle::reference || style == summary::ArrowStyle::handed_over;
  line.back() = before(tip, from, open_head ? width : kHead);
  const auto d = path_of(line);
  switch (style) {
    case summary::ArrowStyle::copy:
      svg_.path(d, stroke, width);
      break;
    case summary::ArrowStyle::dma:
      svg_.path(d, stroke, width);
      if (counted) svg_.path(d, "box-line", width * 0.36);
      break;
    case summary::ArrowStyle::reference:
      svg_.path(d, stroke, counted ? width : 2, counted ? "9 6" : "2 5");
      break;
    case summary::ArrowStyle::transform:
      svg_.path(d, stroke, width);
      svg_.path(d, "box-line", width * 0.4, "4 8");
      break;
    case summary::ArrowStyle::handed_over:
      svg_.path(d, stroke, width, counted ? "" : "2 5");
      break;
    case summary::ArrowStyle::doubtful:
      svg_.path(d, stroke, width);
      svg_.path(d, "box-line", width - 3);
      break;
  }
  // Not counted: hollow, with rungs.
  if (!counted && (style == summary::ArrowStyle::copy || style == summary::ArrowStyle::dma)) {
    svg_.path(d, "box-line", std::max(1.0, width - 3));
    svg_.path(d, stroke, std::max(1.0, width - 3), "1.5 6");
  }
  head(from, tip, style, width, counted && style != summary::ArrowStyle::doubtful);
  if (style == summary::ArrowStyle::doubtful) {
    const auto& a = points[(points.size() - 2) / 2];
    const auto& b = points[(points.size() - 2) / 2 + 1];
    const Point middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
    svg_.circle(middle.x, middle.y, 10, "box warn-line", 1.6);
    svg_.text(middle.x, middle.y + 5, "?", "warn", {14, true}, Anchor::middle);
  }
}

void Brush::head(Point from, Point tip, summary::ArrowStyle style, double width, bool counted) {
  const Point base = before(tip, from, kHead);
  const double half = width / 2 + 5, length = std::max(1.0, std::hypot(tip.x - base.x, tip.y - base.y));
  const double across_x = -(tip.y - base.y) / length * half, across_y = (tip.x - base.x) / length * half;
  const auto corners = fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}", base.x + across_x, base.y + across_y,
                                   tip.x, tip.y, base.x - across_x, base.y - across_y);
  const auto stroke = stroke_of(style);
  if (style == summary::ArrowStyle::reference || style == summary::ArrowStyle::handed_over) {
    svg_.path(corners, stroke, style == summary::ArrowStyle::reference ? 3 : 2);
  } else if (counted) {
    svg_.shape(corners + "z", class_of(style));
  } else {
    svg_.shape(corners + "z", "box");
    svg_.path(corners + "z", stroke, 1.5);
  }
}

void Brush::ghost(Point from, Point tip) {
  const double half = shaft(summary::ArrowStyle::copy, 1) / 2;
  const Point base = before(tip, from, kHead);
  svg_.path(
      fmt::format("M{0:.1f} {1:.1f}H{2:.1f}V{3:.1f}L{4:.1f} {5:.1f}L{2:.1f} {6:.1f}V{7:.1f}H{0:.1f}z", from.x,
                  tip.y - half, base.x, tip.y - half - 5, tip.x, tip.y, tip.y + half + 5, tip.y + half),
      "warn-line", 1.4, "4 3");
}

void Brush::ghost_mark(Point at) { svg_.circle(at.x, at.y, kRadius, "box warn-line", 1.4, "3 3"); }

void Brush::label(Point at, const std::vector<Line>& lines, Anchor anchor) {
  if (placing() && !lines.empty()) placed_->amounts.push_back({key_, at, lines.front().classes, anchor});
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool amount = lines[i].font.bold;
    if (placing() && amount) continue;
    svg_.text(at.x, at.y + kLineHeight * static_cast<double>(i), lines[i].text,
              std::string(lines[i].classes) + (page_ && amount ? " amount" : ""), lines[i].font, anchor);
  }
}

double Brush::mark(Point at, const summary::Call& call, double most, bool leftwards, bool both_ways) {
  const bool many = call.last > call.number + 1 || (both_ways && call.last > call.number);
  const auto text = std::to_string(call.number) + (many ? "–" + std::to_string(call.last) : "");
  const Font font{12.5, true};
  const double half = std::clamp(text_width(text, font) / 2 + 6, kRadius, std::max(kRadius, most / 2));
  if (leftwards) at.x -= half - kRadius;
  const auto last = many ? call.last : call.number;  // that it stands for
  if (placing())
    placed_->marks.push_back({call.number, last, {at.x - half, at.y - kRadius, 2 * half, 2 * kRadius}, text});
  const bool numbered = page_ && !key_.empty();  // not the legend's
  if (numbered) svg_.open(fmt::format("class=\"mark\" data-first=\"{}\" data-last=\"{}\"", call.number, last));
  if (call.unclaimed)
    svg_.circle(at.x, at.y, kRadius, "box warn-line", 2.6);
  else
    svg_.rect(at.x - half, at.y - kRadius, 2 * half, 2 * kRadius, "box ink-line", kRadius);
  svg_.text(at.x, at.y + 4.5, fit(text, 2 * half - 4, font), call.unclaimed ? "warn" : "ink", font, Anchor::middle);
  if (numbered) svg_.close();
  return 2 * half;
}

void Brush::close() {
  key_.clear();
  svg_.close();
}

void Brush::open(std::string_view key, std::string_view tooltip) {
  key_ = key;
  if (key.empty()) return svg_.open({}, tooltip);  // of no measurement: nothing to click on
  auto attributes = fmt::format("class=\"edge\" data-edge=\"{}\"", escape(key));
  if (page_)
    attributes +=
        fmt::format(" tabindex=\"0\" role=\"button\" aria-label=\"{}\"", escape(tooltip.substr(0, tooltip.find('\n'))));
  svg_.open(attributes, tooltip);
}

}  // namespace zctrace::diagram::flow_parts
