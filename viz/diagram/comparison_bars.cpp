#include "viz/diagram/comparison_bars.h"

#include <fmt/format.h>

#include <algorithm>

namespace zctrace::diagram::compared {
namespace {

using timeline::Evidence;

constexpr Font kPartFont{10, false};

std::vector<std::string> label_lines(const summary::Part& part, double width) {
  auto one = part.from + " → " + part.to;
  if (text_width(one, kPartFont) <= width - 8) return {std::move(one)};
  return {part.from + " →", part.to};
}

/// Where a bar is broken off: a gap between two slanting lines that stand out of it.
void draw_break(Svg& svg, double x, double y, double height) {
  const auto line = [&](double at, std::string_view classes, double width) {
    svg.line(at - 3, y + height + 4, at + 3, y - 4, classes, width);
  };
  line(x, "paper-line", 6);
  for (const double at : {x - 3, x + 3}) line(at, "ink-line", 1.5);
}

double widest(const std::vector<std::string>& lines) {
  double most = 0;
  for (const auto& line : lines) most = std::max(most, text_width(line, kPartFont));
  return most;
}

/// An edge's ends inside its piece of the bar.
void label(Svg& svg, const summary::Part& part, double x, double y, double width, double height,
           std::string_view ground) {
  const auto lines = label_lines(part, width);
  const double middle = x + width / 2, count = static_cast<double>(lines.size()), half = widest(lines) / 2 + 2;
  const bool hollow = part.evidence != Evidence::exact;
  if (hollow) svg.rect(middle - half, y + height / 2 - 6 * count, 2 * half, 12 * count, "paper");
  double at = y + height / 2 + 3.5 - 6 * (count - 1);
  for (const auto& line : lines) {
    svg.text(middle, at, line, hollow ? ground : "paper", kPartFont, Anchor::middle);
    at += 12;
  }
}

}  // namespace

bool label_fits(const summary::Part& part, double width, double height) {
  const auto lines = label_lines(part, width);
  return widest(lines) <= width - 6 && static_cast<double>(lines.size()) * 12 <= height;
}

void hatch(Svg& svg, double x, double y, double width, double height, std::string_view classes) {
  std::string d;
  for (double at = x - height + 3; at < x + width; at += 6) {
    const double left = std::max(x, at), right = std::min(x + width, at + height);
    if (right > left)
      d +=
          fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", left, y + height - (left - at), right, y + height - (right - at));
  }
  if (!d.empty()) svg.path(d, classes, 1);
}

double draw_bar(Svg& svg, const Place& place, const summary::Bar& bar, const std::vector<std::string_view>& classes,
                bool labels) {
  // What is there is seen, however little it is.
  const auto length = [&](const summary::Part& part) {
    return part.amount > 0 ? std::max(part.amount * place.unit, 1.0) : 0;
  };
  double x = place.x, total = 0;
  for (const auto& part : bar.parts) total += length(part);
  const double end = place.x + place.most;
  for (size_t i = 0; i < bar.parts.size() && x < end; ++i) {
    const auto& part = bar.parts[i];
    if (part.amount <= 0) continue;
    const double width = std::min(length(part), end - x);
    const auto of = classes[std::min(i, classes.size() - 1)];
    const auto line = std::string(of) + "-line";
    svg.open({}, part.tooltip);
    const double drawn = width > 4 ? width - 1 : width;  // the parts stay apart
    if (of == "ref") {  // nothing was moved: a dashed line, as the arrows are in the flow diagram
      svg.line(x, place.y + place.height / 2, x + drawn, place.y + place.height / 2, line, place.height - 2, "6 3");
    } else if (part.evidence == Evidence::exact) {
      svg.rect(x, place.y, drawn, place.height, of);
    } else {
      svg.rect(x + 0.5, place.y + 0.5, std::max(drawn - 1, 0.5), place.height - 1, "paper " + line);
      hatch(svg, x, place.y, drawn, place.height, line);
    }
    if (labels && label_fits(part, drawn, place.height)) label(svg, part, x, place.y, drawn, place.height, of);
    svg.close();
    x += width;
  }
  if (total > place.most + 0.5) draw_break(svg, end - 12, place.y, place.height);
  return std::min(x, end);
}

void draw_unknown(Svg& svg, double x, double y, double width, double height, std::string_view word) {
  const Font font{height > 20 ? 12.0 : 10.5, true};
  const auto text = fit(word, width - 8, font);
  const double half = text_width(text, font) / 2 + 4, middle = x + width / 2;
  svg.rect(x + 0.5, y + 0.5, width - 1, height - 1, "paper warn-line");
  hatch(svg, x, y, width, height, "warn-line");
  svg.rect(middle - half, y + 1, 2 * half, height - 2, "paper");
  svg.text(middle, y + height / 2 + font.size * 0.36, text, "warn", font, Anchor::middle);
}

void draw_claim(Svg& svg, double x, double y, bool differs, double scale) {
  const double r = (differs ? 7 : 6) * scale;
  const auto d = fmt::format("M{0:.1f} {3:.1f}L{2:.1f} {1:.1f}L{0:.1f} {4:.1f}L{5:.1f} {1:.1f}Z", x, y, x + r, y - r,
                             y + r, x - r);
  svg.shape(d, differs ? "warn" : "paper");
  svg.path(d, "ink-line", 1.5 * scale);
}

}  // namespace zctrace::diagram::compared
