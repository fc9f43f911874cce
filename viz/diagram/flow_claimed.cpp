#include <algorithm>
#include <cmath>

#include "viz/diagram/flow_words.h"

namespace zctrace::diagram::flow_parts {
namespace {

constexpr Font kFont{13, true};
constexpr double kStep = 24, kMostArrow = 48, kLeastArrow = 26, kBeside = 10;

}  // namespace

double draw_claimed(Brush& brush, const summary::Picture& picture, const Options& options, double top) {
  const bool wide = options.form == Form::wide;
  auto& svg = brush.svg();
  const double margin = wide ? 32 : 14;
  // Side by side where there is room for two.
  const double column = wide ? (svg.width() - 2 * margin) / 2 : svg.width() - 2 * margin;
  double x = margin, y = top;
  for (const auto& copies : picture.claimed_copies) {
    if (x == margin) y += 2 * kStep + 4;
    const double measured_y = y - kStep, claimed_y = y;
    const double label = std::max(text_width(copies.label, kFont), text_width(copies.claim, kFont)) + kBeside;
    const double value = text_width(copies.value, kFont) + kBeside;
    const double most = std::max(std::ceil(copies.measured), static_cast<double>(copies.claimed));
    const double each = std::min(kMostArrow, (column - label - value - kBeside) / most);
    svg.open({}, copies.label + ": " + copies.value + "; " + copies.claim);
    svg.text(x, measured_y, copies.label, "ink", kFont);
    svg.text(x, claimed_y, copies.claim, "warn", kFont);
    double end = x + label;
    if (each >= kLeastArrow) {
      const auto arrow = [&](double at, double line) {
        return std::pair{Point{end + at * each, line - 4.5}, Point{end + (at + 1) * each - 5, line - 4.5}};
      };
      // What is left of a whole one is thinner: the width is the bytes.
      double drawn = 0;
      for (; copies.measured - drawn > 0.05; ++drawn) {
        const auto [from, tip] = arrow(drawn, measured_y);
        brush.arrow({from, tip}, copies.style, std::min(1.0, copies.measured - drawn), true);
      }
      for (unsigned i = 0; i < copies.claimed; ++i) {
        const auto [from, tip] = arrow(i, claimed_y);
        brush.ghost(from, tip);
      }
      end += drawn * each + (drawn > 0 ? 4 : 0);
    }
    svg.text(end, measured_y, copies.value, class_of(copies.style), kFont);
    svg.close();
    x = wide && x == margin ? margin + column : margin;
  }
  return y;
}

}  // namespace zctrace::diagram::flow_parts
