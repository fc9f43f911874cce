#include "viz/diagram/flow_program.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "model/summary/flow_rows.h"

namespace zctrace::diagram::flow_parts {
namespace {

using namespace timeline;
using summary::FlowFigures;
using summary::FlowRow;

constexpr size_t kMost = 12;  // flows with arrows
constexpr Font kName{12.5}, kRemark{12};

/// One arrow: a flow, or one method's part of it.
struct Arrow {
  const FlowRow* flow;
  const FlowFigures* figures;
};

class Picture {
 public:
  Picture(Brush& brush, const Run& run, const Flows& flows, const Options& options)
      : brush_(brush),
        svg_(brush.svg()),
        options_(options),
        wide_(options.form == Form::wide),
        counted_(run.evidence.copies == Evidence::exact),
        flows_(summary::weighed(summary::flow_rows(run, flows, options.language), kMost, false)) {
    margin_ = wide_ ? 32 : 14;
    box_ = wide_ ? 292 : 150;
    row_ = wide_ ? 66 : 74;
  }

  double draw(double top) {
    double y = top + 8;
    if (flows_.shown.empty())
      y = lines(y, words(Text::passed_on_nothing, options_.language));
    else
      y = arrows(y);
    if (flows_.left > 0)
      y = lines(y + 2,
                say(options_.language, Text::flows_more, format_count(flows_.left), format_bytes(flows_.left_bytes)));
    return legend(y);
  }

 private:
  /// Those that share an end stand below each other, with one box for it.
  std::vector<Arrow> in_order() {
    std::vector<const FlowRow*> flows;
    for (const auto& row : flows_.shown) flows.push_back(&row);
    const auto first_of = [&](const std::string& name, std::string FlowRow::*end) {
      return std::ranges::find_if(flows_.shown, [&](const FlowRow& row) { return row.*end == name; }) -
             flows_.shown.begin();
    };
    const auto distinct = [&](std::string FlowRow::*end) {
      size_t count = 0;
      for (size_t i = 0; i < flows.size(); ++i) count += static_cast<size_t>(first_of(flows[i]->*end, end)) == i;
      return count;
    };
    const auto end = distinct(&FlowRow::from) <= distinct(&FlowRow::to) ? &FlowRow::from : &FlowRow::to;
    std::ranges::stable_sort(flows, {}, [&](const FlowRow* row) { return first_of(row->*end, end); });
    std::vector<Arrow> all;
    for (const auto* flow : flows) {
      if (flow->parts.empty()) all.push_back({flow, &flow->all});
      for (const auto& part : flow->parts) all.push_back({flow, &part});
    }
    return all;
  }

  double arrows(double top) {
    const auto all = in_order();
    uint64_t most = 1;
    for (const auto& arrow : all) most = std::max(most, arrow.figures->bytes);
    for (const auto end : {&FlowRow::from, &FlowRow::to}) {
      const double x = end == &FlowRow::from ? margin_ : svg_.width() - margin_ - box_;
      for (size_t i = 0; i < all.size();) {
        size_t next = i + 1;
        while (next < all.size() && all[next].flow->*end == all[i].flow->*end) ++next;
        // On a phone the label has the lower part of the last row.
        const double height = row_ * static_cast<double>(next - i) - (wide_ ? 18 : 34);
        name({x, top + row_ * static_cast<double>(i), box_, height}, all[i].flow->*end);
        i = next;
      }
    }
    for (size_t i = 0; i < all.size(); ++i) one(all[i], top + row_ * static_cast<double>(i), most);
    return top + row_ * static_cast<double>(all.size());
  }

  void name(const Rect& box, const std::string& text) {
    svg_.open({}, text);
    svg_.rect(box.x, box.y, box.width, box.height, "box dim-line", 8);
    const double most = box.width - 16;
    // Columns are a guess at what fits; the font has the last word.
    int width = columns(text);
    auto shown = shorten(text, width);
    while (width > 4 && text_width(shown, kName) > most) shown = shorten(text, --width);
    svg_.text(box.x + 8, box.centre() + 4.5, shown, "ink", kName);
    svg_.close();
  }

  void one(const Arrow& arrow, double y, uint64_t most) {
    const auto language = options_.language;
    const auto& [flow, figures] = arrow;
    const auto copies = figures->ratio ? say(language, Text::copies_each_byte, figures->copies)
                                       : std::string(words(Text::copies_each_byte_unknown, language));
    const auto told = figures->threads.empty() ? copies : copies + " · " + figures->threads;
    const auto both =
        figures->transforms.empty() ? copies : copies + std::string(words(Text::comma, language)) + figures->transforms;
    svg_.open({},
              say(language, Text::labelled, say(language, Text::flow_ends, flow->from, flow->to),
                  figures->amount + ", " + figures->how + ", " + both +
                      (figures->threads.empty() ? "" : std::string(words(Text::comma, language)) + figures->threads)));
    const double left = margin_ + box_ + 6, right = svg_.width() - margin_ - box_ - 6;
    const double centre = y + (row_ - (wide_ ? 18 : 34)) / 2;
    const auto what = style_of(*flow, *figures);
    const double share = static_cast<double>(figures->bytes) / static_cast<double>(most);
    drawn_.insert(what);
    brush_.arrow({{left, centre}, {right, centre}}, what, std::max(0.2, share), counted_);
    const auto classes = what == summary::ArrowStyle::handed_over ? "dim" : class_of(what);
    const auto first = figures->amount + " · " + figures->how;
    if (wide_) {
      const double middle = (left + right) / 2, room = right - left - 4;
      svg_.text(middle, centre - 15, fit(first, room, kAmountFont), classes, kAmountFont, Anchor::middle);
      if (flow->linked) svg_.text(middle, centre + 24, fit(told, room, kSmallFont), "dim", kSmallFont, Anchor::middle);
      if (!figures->transforms.empty())
        svg_.text(middle, centre + (flow->linked ? 38 : 24), fit(figures->transforms, room, kSmallFont), "dim",
                  kSmallFont, Anchor::middle);
    } else {
      const auto text = flow->linked || !figures->transforms.empty() ? first + " · " + both : first;
      svg_.text(svg_.width() / 2, y + row_ - 17, fit(text, svg_.width() - 2 * margin_, kSmallFont), classes, kSmallFont,
                Anchor::middle);
    }
    svg_.close();
  }

  double lines(double y, std::string_view text) {
    for (const auto& line : wrap(text, svg_.width() - 2 * margin_, kRemark, 3))
      svg_.text(margin_, y += 17, line, "dim", kRemark);
    return y;
  }

  double legend(double top) {
    constexpr double kSample = 40, kStep = 22;
    const auto language = options_.language;
    double x = margin_, y = top + kStep + 6;
    const auto entry = [&](std::string_view text, double sample, std::optional<summary::ArrowStyle> style) {
      const double width = sample + 8 + text_width(text, kRemark);
      if (x + width > svg_.width() - margin_ && x > margin_) {
        x = margin_;
        y += kStep;
      }
      if (style)
        brush_.arrow({{x, y - 4}, {x + kSample, y - 4}}, *style, 0.8,
                     counted_ && *style != summary::ArrowStyle::doubtful);
      svg_.text(x + sample + (sample > 0 ? 6 : 0), y, text, "ink", kRemark);
      x += width + 18;
    };
    for (const auto& [style, text] : {std::pair{summary::ArrowStyle::copy, Text::cpu_copy},
                                      {summary::ArrowStyle::reference, Text::page_flow_good},
                                      {summary::ArrowStyle::transform, Text::flow_legend_transform},
                                      {summary::ArrowStyle::doubtful, Text::copied_or_not},
                                      {summary::ArrowStyle::handed_over, Text::flow_to_memory}})
      if (drawn_.contains(style)) entry(words(text, language), kSample, style);
    if (!drawn_.empty()) entry(words(Text::flow_width, language), 0, std::nullopt);
    return y;
  }

  Brush& brush_;
  Svg& svg_;
  const Options& options_;
  const bool wide_, counted_;
  const summary::WeighedFlows flows_;
  double margin_, box_, row_;
  std::set<summary::ArrowStyle> drawn_;
};

}  // namespace

summary::ArrowStyle style_of(const FlowRow& flow, const FlowFigures& figures) {
  if (!flow.linked) return summary::ArrowStyle::handed_over;
  switch (figures.tone) {
    case summary::Tone::good:
      return summary::ArrowStyle::reference;
    case summary::Tone::transformed:
      return summary::ArrowStyle::transform;
    case summary::Tone::unknown:
      return summary::ArrowStyle::doubtful;
    default:
      return summary::ArrowStyle::copy;
  }
}

double draw_program(Brush& brush, const Run& run, const Flows& flows, const Options& options, double top) {
  return Picture(brush, run, flows, options).draw(top);
}

}  // namespace zctrace::diagram::flow_parts
