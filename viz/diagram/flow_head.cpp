#include <algorithm>

#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "viz/diagram/flow_words.h"
#include "viz/diagram/palette.h"

namespace zctrace::diagram::flow_parts {

using namespace timeline;

namespace {

/// Lines from `y` on; returns where the next would stand.
double lines(Svg& svg, double x, double y, const std::vector<std::string>& texts, std::string_view classes, Font font,
             double step, Anchor anchor = Anchor::start) {
  for (const auto& text : texts) {
    svg.text(x, y, text, classes, font, anchor);
    y += step;
  }
  return y;
}

/// What was transferred and what it ran on, on two lines where one is too short.
std::vector<std::string> parts(const std::string& setting, double most, Font font) {
  const std::string dot = " · ";
  const auto split = setting.find(dot);
  if (split == setting.npos || text_width(setting, font) <= most) return {setting};
  return {setting.substr(0, split), setting.substr(split + dot.size())};
}

/// How well the figure beside it is known, as a badge with one edge at `x`: solid for what was counted.
void badge(Svg& svg, Evidence evidence, Language language, double x, double y, Anchor anchor) {
  const bool unknown = evidence == Evidence::none;
  const bool good = !unknown && evidence == Evidence::exact;
  const auto text = unknown ? std::string(words(Text::unknown, language))
                            : summary::mark(evidence) + (good || evidence == Evidence::at_least ? "" : " ") +
                                  std::string(summary::word(evidence, language));
  const Font font{12, true};
  const double width = text_width(text, font) + 18, left = anchor == Anchor::end ? x - width : x;
  const auto d = "M" + std::to_string(static_cast<int>(left)) + " " + std::to_string(static_cast<int>(y)) + "h" +
                 std::to_string(static_cast<int>(width)) + "v22h-" + std::to_string(static_cast<int>(width)) + "z";
  svg.path(d, good ? "good-line" : "warn-line", 1.5, good ? "" : "4 3");
  svg.text(left + static_cast<int>(width) / 2.0, y + 15.5, text, good ? "good" : "warn", font, Anchor::middle);
}

}  // namespace

double draw_head(Brush& brush, const Run& run, const Ledger& ledger, const Options& options, double top) {
  auto& svg = brush.svg();
  const auto language = options.language;
  const bool wide = options.form == Form::wide;
  const double margin = wide ? 32 : 14, right = svg.width() - margin;
  const auto verdict = summary::verdict_of(run, ledger, language);
  const auto tone = diagram::class_of(verdict.tone);
  const auto claim = summary::claim_sentence(run, language);
  const Font figure{verdict.tone == summary::Tone::unknown ? 34.0 : 46.0, true}, judgment{14, true},
      small{wide ? 13.0 : 12.0};

  // The verdict takes the room it needs, the title what is left.
  const double taken = text_width(verdict.figure, figure) + 14;
  const double half = wide ? std::clamp(taken + text_width(verdict.what, small), 330.0, 440.0) : right - margin;
  const double title_width = wide ? right - margin - half - 24 : right - margin;
  const auto full = summary::full_title(run, language);
  Font title{wide ? 26.0 : 21.0, true};
  if (text_width(full, title) > title_width) title.size = wide ? 18 : 16;

  double y = top + (wide ? 44 : 34);
  const auto titles = wrap(full, title_width, title, 2);
  if (titles.size() > 1) svg.open({}, fit(full, 4000, small));
  y = lines(svg, margin, y, titles, "ink", title, title.size + 4);
  if (titles.size() > 1) svg.close();
  y -= 3;
  for (const auto& part : parts(summary::setting(run, language), title_width, small))
    y = lines(svg, margin, y, wrap(part, title_width, small, 2), "dim", small, 18);
  y = lines(svg, margin, y, wrap(summary::network(run, language), title_width, small, 2), "dim", small, 18);

  const auto anchor = wide ? Anchor::end : Anchor::start;
  const double at = wide ? right : margin;
  double v = wide ? top + 54 : y + 46;
  svg.text(at, v, verdict.figure, tone, figure, anchor);
  if (wide) {
    badge(svg, verdict.evidence, language, right - taken, v - 38, Anchor::end);
    svg.text(right - taken, v, fit(verdict.what, half - taken + 60, small), "dim", small, anchor);
  } else {
    const auto what = wrap(verdict.what, right - margin - taken, {12}, 2);
    lines(svg, margin + taken, v - 15 * (static_cast<double>(what.size()) - 1), what, "dim", {12}, 15);
    badge(svg, verdict.evidence, language, margin + taken, v - 54, Anchor::start);
  }
  v = lines(svg, at, v + 25, wrap(verdict.judgment, half, judgment, ledger.flows ? 7 : 3), tone, judgment, 18, anchor);
  // The claim is long: below the title where it does not fit beside it.
  if (wide && text_width(claim, small) > half) v = std::max(v, y);
  v = lines(svg, at, v, wrap(claim, right - margin, {12}, 3), "dim", {12}, 16, anchor);
  return std::max(y, v);
}

}  // namespace zctrace::diagram::flow_parts
