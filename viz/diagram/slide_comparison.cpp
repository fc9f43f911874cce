#include <algorithm>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "viz/diagram/comparison_bars.h"
#include "viz/diagram/slide.h"
#include "viz/diagram/slide_parts.h"

namespace zctrace::diagram {

using namespace compared;
using namespace slide_parts;
using summary::Bar;
using summary::Row;

namespace {

constexpr size_t kMostRuns = 8;  // runs
constexpr double kFigure = 540, kPlot = 564, kPlotEnd = 940, kHeads = kTop + 30, kRows = kTop + 56;
constexpr double kName = kFigure - 124 - kSlideMargin;  // wide
constexpr double kFootLine = 692;
/// So few bytes per byte are no piece of a bar.
constexpr double kLeastPart = 0.005;

class Picture {
 public:
  Picture(Svg& svg, const std::vector<Row>& rows, Language language)
      : svg_(svg),
        rows_(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), kMostRuns))),
        left_(rows.size() - rows_.size()),
        language_(language),
        step_(std::min(96.0, (kFootLine - 46 - kRows) / static_cast<double>(std::max<size_t>(rows_.size(), 1)))) {}

  void draw() {
    double range = 1;
    for (const auto& row : rows_)
      range = std::max({range, row.copies.number.value_or(0), static_cast<double>(row.copies.claimed.value_or(0))});
    unit_ = (kPlotEnd - kPlot) / range;
    svg_.text(kPlot, kHeads, words(Text::cpu_copies_per_byte, language_), "ink", kBold);
    shrunk(svg_, kRight, kHeads, words(Text::mode_switches_per_chunk, language_), "ink", kBold, kRight - kPlotEnd + 40,
           18, Anchor::end);
    double y = kRows;
    for (const auto& row : rows_) {
      draw_row(row, y);
      y += step_;
    }
    svg_.line(kPlot, kRows, kPlot, y, "dim-line", 1.5);
    legend();
  }

 private:
  void draw_row(const Row& row, double top) {
    const double middle = top + step_ / 2, bar = std::min(40.0, step_ * 0.56);
    svg_.line(kSlideMargin, top, kRight, top, "faint-line");
    const double name = row.apart.empty() ? middle + 10 : middle - 2;
    shrunk(svg_, kSlideMargin, name, row.title, "ink", {28, true}, kName, 20);
    if (!row.apart.empty()) shrunk(svg_, kSlideMargin, name + 24, row.apart, "dim", kSmall, kName, 16);
    const auto& copies = row.copies;
    if (copies.number) {
      const auto tone = !quantities::is_zero_copy(*copies.number) ? "cpu" : row.beside.empty() ? "good" : "transform";
      shrunk(svg_, kFigure, middle + 15, copies.value, tone, {std::min(44.0, step_ * 0.6), true}, 110, 18, Anchor::end);
      auto seen = copies;
      std::erase_if(seen.parts, [](const summary::Part& part) { return part.amount < kLeastPart; });
      draw_bar(svg_, {kPlot, middle - bar / 2, bar, unit_, kPlotEnd - kPlot}, seen, {"cpu"}, false);
    } else {
      svg_.text(kFigure, middle + 15, "?", "warn", {44, true}, Anchor::end);
      draw_unknown(svg_, kPlot, middle - bar / 2, (kPlotEnd - kPlot) / 2, bar, words(Text::unknown, language_));
    }
    if (copies.claimed && !copies.in_part)
      draw_claim(svg_, kPlot + *copies.claimed * unit_, middle, copies.contradicted, kMark);
    const auto& switches = row.mode_switches;
    const bool differs = switches.contradicted;
    shrunk(svg_, kRight, middle + (differs ? 4 : 12), switches.number ? switches.value : "?",
           switches.number ? "ink" : "warn", {std::min(36.0, step_ * 0.5), true}, 200, 18, Anchor::end);
    if (differs)
      svg_.text(kRight, middle + 26, claim_text(switches, language_), claim_class(switches), kSmallBold, Anchor::end);
  }

  void legend() {
    double x = kSlideMargin;
    const auto label = [&](Text text) {
      const auto said = words(text, language_);
      svg_.text(x, kFootLine, said, "ink", kSmall);
      x += text_width(said, kSmall) + 34;
    };
    svg_.rect(x, kFootLine - 16, 30, 18, "cpu");
    x += 40;
    label(Text::cpu_copy);
    const auto claims = [&](Text text, bool differs) {
      draw_claim(svg_, x + 12, kFootLine - 7, differs, kMark);
      x += 32;
      label(text);
    };
    const auto any = [&](const auto& test) { return std::ranges::any_of(rows_, test); };
    if (any([](const Row& row) { return row.copies.claimed && !row.copies.in_part; }))
      claims(Text::comparison_legend_claim, false);
    if (any([](const Row& row) { return row.copies.contradicted; })) claims(Text::comparison_legend_differs, true);
    if (left_ > 0)
      svg_.text(kRight, kFootLine, say(language_, Text::comparison_left_out, format_count(left_)), "dim", kSmall,
                Anchor::end);
  }

  static constexpr double kMark = 1.7;  // the textbooks' mark against that of the other forms

  Svg& svg_;
  const std::vector<Row> rows_;
  const size_t left_;
  const Language language_;
  const double step_;
  double unit_ = 0;  ///< px per copy
};

}  // namespace

std::string comparison_slide(std::span<const timeline::Measured> runs, const Options& options) {
  const auto language = options.language;
  const auto rows = summary::rows_of(runs, language);
  const auto name = summary::comparison_headline(runs, rows, language);
  std::string description;
  for (const auto& row : rows)
    description +=
        (description.empty() ? "" : "; ") + say(language, Text::comparison_description, row.title, row.copies.value);
  Svg svg(options, name, description);
  title(svg, name, summary::shared_by(runs, language));
  Picture(svg, rows, language).draw();
  return svg.finish(kHeight);
}

}  // namespace zctrace::diagram
