#include "viz/diagram/comparison_legend.h"

#include <algorithm>
#include <functional>

#include "model/language/texts.h"
#include "viz/diagram/comparison_bars.h"

namespace zctrace::diagram::compared {
namespace {

constexpr Font kFont{11, false};

struct Item {
  Text text;
  double width;  ///< of the sample
  std::function<void(double x, double middle)> draw;
};

}  // namespace

double draw_legend(Svg& svg, const std::vector<summary::Row>& rows, Language language, double margin, double y) {
  const auto any = [&](auto&& what) { return std::ranges::any_of(rows, what); };
  const auto filled = [&](std::string_view classes) {
    return [&svg, classes](double x, double middle) { svg.rect(x, middle - 5, 16, 10, classes); };
  };
  const auto claim = [&](bool differs) {
    return [&svg, differs](double x, double middle) { draw_claim(svg, x + 7, middle, differs); };
  };
  const auto drawn = [&](summary::Bar summary::Row::*bar) {
    return any([bar](const summary::Row& row) { return (row.*bar).number.value_or(0) > 0; });
  };
  std::vector<Item> items;
  if (drawn(&summary::Row::copies)) items.push_back({Text::cpu_copy, 16, filled("cpu")});
  if (drawn(&summary::Row::references))
    items.push_back({Text::flow_legend_reference, 16,
                     [&](double x, double middle) { svg.line(x, middle, x + 15, middle, "ref-line", 4, "6 3"); }});
  if (drawn(&summary::Row::dma)) items.push_back({Text::dma, 16, filled("dma")});
  if (drawn(&summary::Row::receiver))
    items.push_back({Text::comparison_legend_receiver, 16, filled("receive")});
  if (any([](const summary::Row& row) {
        return row.copies.number && row.copies.evidence != timeline::Evidence::exact;
      }))
    items.push_back({Text::legend_inferred, 16, [&](double x, double middle) {
                       svg.rect(x + 0.5, middle - 4.5, 15, 9, "paper cpu-line");
                       hatch(svg, x, middle - 5, 16, 10, "cpu-line");
                     }});
  if (any([](const summary::Row& row) { return row.copies.claimed || row.mode_switches.claimed; }))
    items.push_back({Text::comparison_legend_claim, 14, claim(false)});
  if (any([](const summary::Row& row) { return row.copies.contradicted || row.mode_switches.contradicted; }))
    items.push_back({Text::comparison_legend_differs, 14, claim(true)});

  double x = margin;
  for (const auto& item : items) {
    const auto label = words(item.text, language);
    const double width = item.width + 6 + text_width(label, kFont);
    if (x > margin && x + width > svg.width() - margin) {
      x = margin;
      y += 18;
    }
    item.draw(x, y - 4);
    svg.text(x + item.width + 6, y, label, "ink", kFont);
    x += width + 16;
  }
  return y;
}

}  // namespace zctrace::diagram::compared
