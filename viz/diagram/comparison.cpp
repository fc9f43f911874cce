#include "viz/diagram/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "model/summary/comparison_facts.h"
#include "model/summary/sentences.h"
#include "viz/diagram/comparison_bars.h"
#include "viz/diagram/comparison_legend.h"
#include "viz/diagram/slide.h"
#include "viz/diagram/svg.h"

namespace zctrace::diagram {
namespace {

using namespace compared;
using namespace summary;
using timeline::Evidence;

constexpr double kBar = 28, kThin = 6, kThinStep = 15, kPanelBar = 14;
constexpr Font kTitle{20, true}, kHeading{14, true}, kName{13, true}, kPanelName{12, true}, kFigure{20, true},
    kSmall{11, false}, kTiny{10, false}, kTold{10.5, true};
/// More references than that per byte do not squeeze the copies: their bar is broken off.
constexpr double kMostThin = 2;
/// So few bytes per byte are left to the table: a driver pulls its smallest packets together.
constexpr double kLeastPart = 0.005;

double line_height(Font font) { return std::ceil(font.size * 1.3); }

/// A figure in at most `most` px: a number is never cut, but written shorter.
std::string short_figure(const Bar& bar, double most, Font font) {
  if (text_width(bar.value, font) <= most) return bar.value;
  return summary::mark(bar.evidence) + fmt::format("{:.0e}", bar.number.value_or(0));
}

/// The smallest step of 1, 2 or 5 times a power of ten that divides `range` into five pieces at most.
double grid_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 5)));
  for (const double times : {1.0, 2.0, 5.0})
    if (range / (power * times) <= 5) return power * times;
  return power * 10;
}

struct Panel {
  Text heading;
  Bar Row::* figure;
  std::vector<std::string_view> classes;
  std::vector<Text> parts;  ///< what the colours mean, or a remark
};

class Picture {
 public:
  Picture(std::span<const timeline::Measured> runs, const Options& options)
      : language_(options.language),
        wide_(options.form == Form::wide),
        rows_(rows_of(runs, options.language)),
        shared_(shared_by(runs, options.language)),
        title_(comparison_headline(runs, rows_, language_)),
        svg_(options, title_, description()),
        margin_(wide_ ? 24 : 14),
        right_(svg_.width() - margin_) {}

  std::string draw(std::span<const timeline::Measured> runs) {
    head();
    y_ = draw_legend(svg_, rows_, language_, margin_, y_ + 16) + 12;
    copies();
    std::vector<Panel> panels{{Text::mode_switches_per_chunk,
                               &Row::mode_switches,
                               {"send", "receive"},
                               {Text::system_calls, Text::comparison_by_faults}},
                              {Text::context_switches,
                               &Row::context_switches,
                               {"send", "receive"},
                               {Text::comparison_voluntary, Text::comparison_involuntary}}};
    // In a virtual machine, under breakpoints, what is copied takes no longer than what is not: times teach nothing.
    if (std::ranges::none_of(runs, [](const auto& measured) { return measured.run.kernel.where == "lab"; })) {
      panels.push_back({Text::cpu_time, &Row::cpu_time, {"send"}, {Text::comparison_tracing_included}});
      panels.push_back({Text::throughput, &Row::throughput, {"send"}, {Text::comparison_under_tracing}});
    }
    if (wide_) {
      block(panels);
    } else {
      for (const auto& panel : panels) block({panel});
    }
    return svg_.finish(y_ + margin_ - 6);
  }

 private:
  std::string_view word(Text text) const { return words(text, language_); }

  std::string description() const {
    std::string text;
    for (const auto& row : rows_)
      text += (text.empty() ? "" : "; ") + say(language_, Text::comparison_description, row.title, row.copies.value);
    return text;
  }

  /// Text in lines from y_ on, which then lies below them.
  void paragraph(std::string_view text, double x, double most, std::string_view classes, Font font,
                 size_t most_lines = 4) {
    for (const auto& line : wrap(text, most, font, most_lines)) {
      y_ += line_height(font);
      svg_.text(x, y_ - font.size * 0.3, line, classes, font);
    }
  }

  void head() {
    y_ = margin_ - 4;
    paragraph(title_, margin_, right_ - margin_, "ink", kTitle);
    y_ += 2;
    paragraph(shared_, margin_, right_ - margin_, "dim", kSmall);
    y_ += 8;
  }

  void heading(Text text) {
    y_ += 12;
    paragraph(word(text), margin_, right_ - margin_, "ink", kHeading);
  }

  void copies() {
    heading(Text::on_sending_side);
    value_ = wide_ ? 300 : 78;
    plot_ = value_ + 12;
    room_ = right_ - plot_ - (wide_ ? 110 : 44);
    double range = 1;
    for (const auto& row : rows_) {
      range = std::max({range, row.copies.number.value_or(0), static_cast<double>(row.copies.claimed.value_or(0))});
      for (const auto* thin : {&row.references, &row.dma, &row.receiver})
        range = std::max(range, std::min(thin->number.value_or(0), kMostThin));
    }
    unit_ = room_ / range;
    y_ += 16;
    const double top = y_;
    const double step = range < 6 ? 1 : grid_step(range);
    // The grid lies below everything: where it ends is known only when all rows are drawn, so it is drawn row by row.
    for (double at = 0; at <= range * 1.001; at += step)
      svg_.text(plot_ + at * unit_, top, fmt::format("{:g}", at), "dim", kTiny, Anchor::middle);
    y_ += 5;
    for (const auto& row : rows_) copies_row(row, step, range);
  }

  void grid(double top, double bottom, double step, double range) {
    for (double at = 0; at <= range * 1.001; at += step)
      svg_.line(plot_ + at * unit_, top, plot_ + at * unit_, bottom, at == 0 ? "dim-line" : "faint-line");
  }

  /// The name of a run, from `top` on; where it ends.
  double name(const Row& row, double top, double most, Font font) {
    y_ = top;
    paragraph(row.title, margin_, most, "ink", font, 3);
    if (!row.apart.empty()) paragraph(row.apart, margin_, most, "dim", kTiny, 3);
    return y_;
  }

  void copies_row(const Row& row, double step, double range) {
    const double top = y_;
    double bottom = name(row, top + 6, wide_ ? value_ - 84 - margin_ : right_ - margin_, kName);
    const double bar = wide_ ? top + 8 : bottom + 5;
    // The height is needed for the grid, which lies below the bars.
    const auto under = lines_under(row);
    double thin_height = 0;
    for (const auto* thin : {&row.references, &row.dma, &row.receiver})
      if (shown(*thin)) thin_height += kThinStep;
    const double height = kBar + 5 + static_cast<double>(under.size()) * 13 + thin_height;
    bottom = std::max(bottom, bar + height) + 8;
    svg_.line(margin_, top, right_, top, "faint-line");
    grid(wide_ ? top : bar - 3, bottom, step, range);
    y_ = bar;
    copies_bar(row);
    for (const auto& [text, classes] : under) {
      y_ += 13;
      svg_.text(plot_ + 2, y_ - 3, text, classes, classes == "warn" ? kTold : kTiny);
    }
    thin(Text::reference, row.references, "ref");
    thin(Text::dma, row.dma, "dma");
    thin(Text::receiver, row.receiver, "receive");
    y_ = bottom;
  }

  static bool shown(const Bar& bar) { return !bar.number || *bar.number > 0; }

  std::string told_claim(const Bar& bar) const {
    if (!bar.contradicted && !bar.in_part) return {};
    const auto says = say(language_, Text::claim_says, *bar.claimed);
    return bar.remark.empty() ? says : say(language_, Text::with_remark, says, bar.remark);
  }

  double ends(const Row& row) const {
    const double number = std::max<double>(row.copies.number.value_or(0), row.copies.claimed.value_or(0));
    return plot_ + number * unit_;
  }

  /// What finds no room in the bar or to its right.
  std::vector<std::pair<std::string, std::string_view>> lines_under(const Row& row) const {
    std::vector<std::pair<std::string, std::string_view>> lines;
    std::string in_words;
    for (const auto& part : row.copies.parts)
      if (part.amount >= kLeastPart && !label_fits(part, part.amount * unit_ - 1, kBar))
        in_words += fmt::format("{}{} {} → {}", in_words.empty() ? "" : "; ",
                                summary::mark(part.evidence) + format_ratio(part.amount), part.from, part.to);
    if (row.copies.number)
      for (auto& line : wrap(in_words, right_ - plot_, kTiny, 2)) lines.emplace_back(std::move(line), "cpu");
    for (auto& line : wrap(row.beside, right_ - plot_, kTold, 2)) lines.emplace_back(std::move(line), "transform");
    const auto claim = told_claim(row.copies);
    if (text_width(claim, kTold) > right_ - ends(row) - 14)
      for (auto& line : wrap(claim, right_ - plot_, kTold, 2))
        lines.emplace_back(std::move(line), row.copies.contradicted ? "warn" : "dim");
    return lines;
  }

  /// The CPU's bar with its figure and the documents' mark; y_ is then below it.
  void copies_bar(const Row& row) {
    const auto& bar = row.copies;
    const double middle = y_ + kBar / 2;
    if (bar.number) {
      const auto classes = !quantities::is_zero_copy(*bar.number) ? "cpu" : row.beside.empty() ? "good" : "transform";
      const double most = value_ - (wide_ ? value_ - 80 : margin_);
      Font font = kFigure;
      while (font.size > 11 && text_width(bar.value, font) > most) font.size -= 1;
      svg_.text(value_, middle + font.size * 0.36, short_figure(bar, most, font), classes, font, Anchor::end);
      draw_bar(svg_, {plot_, y_, kBar, unit_, right_ - plot_}, bar, {"cpu"}, true);
    } else {
      svg_.text(value_, middle + 7, "?", "warn", kFigure, Anchor::end);
      draw_unknown(svg_, plot_, y_, (right_ - plot_) * 0.55, kBar, word(Text::unknown));
    }
    if (bar.claimed) {
      const double x = plot_ + *bar.claimed * unit_;
      svg_.open({}, bar.claim);
      gap(bar, plot_, middle, unit_);
      // A claim of a part of this neither agrees nor differs: it is told beside.
      if (!bar.in_part) draw_claim(svg_, x, middle, bar.contradicted);
      const auto claim = told_claim(bar);
      if (text_width(claim, kTold) <= right_ - ends(row) - 14)
        svg_.text(ends(row) + 12, middle + 4, claim, bar.contradicted ? "warn" : "dim", kTold);
      svg_.close();
    }
    y_ += kBar + 5;
  }

  /// What the documents claim beyond what was measured.
  void gap(const Bar& bar, double zero, double y, double unit) {
    if (bar.contradicted && *bar.claimed > *bar.number)
      svg_.line(zero + *bar.number * unit, y, zero + *bar.claimed * unit, y, "warn-line", 2, "3 3");
  }

  void thin(Text label, const Bar& bar, std::string_view classes) {
    if (!shown(bar)) return;
    const double middle = y_ + kThinStep / 2;
    svg_.text(value_, middle + 3.5, word(label), "dim", kTiny, Anchor::end);
    if (bar.number) {
      const double end = draw_bar(svg_, {plot_, middle - kThin / 2, kThin, unit_, room_}, bar, {classes}, false);
      const auto value = short_figure(bar, std::min(60.0, right_ - end - 5), kTiny);
      svg_.text(end + 5, middle + 3.5, value, "dim", kTiny);
    } else {
      draw_unknown(svg_, plot_, middle - 6.5, (right_ - plot_) * 0.55, 13, word(Text::unknown));
    }
    y_ += kThinStep;
  }

  /// Panels beside each other, with the runs' names at their left.
  void block(const std::vector<Panel>& panels) {
    const double names = wide_ ? 170 : 126, from = margin_ + names;
    const double width = (right_ - from) / static_cast<double>(panels.size());
    y_ += 14;
    const double top = y_;
    double below = top;
    for (size_t i = 0; i < panels.size(); ++i) {
      const double x = wide_ ? from + static_cast<double>(i) * width + 18 : margin_;
      y_ = top;
      paragraph(word(panels[i].heading), x, wide_ ? width - 12 : right_ - margin_, "ink", kPanelName, 2);
      meanings(panels[i], x);
      below = std::max(below, y_);
    }
    y_ = below + 6;
    for (const auto& row : rows_) {
      const double start = y_;
      svg_.line(margin_, start, right_, start, "faint-line");
      double bottom = std::max(name(row, start + 4, names - 4, {12, true}) + 5, start + kPanelBar + 16);
      for (size_t i = 0; i < panels.size(); ++i) {
        const double end = figure(panels[i], row, from + static_cast<double>(i) * width, width, start + 8);
        bottom = std::max(bottom, end + 5);
      }
      y_ = bottom;
    }
  }

  void meanings(const Panel& panel, double x) {
    y_ += 13;
    if (panel.parts.size() < 2) {
      svg_.text(x, y_ - 2, word(panel.parts[0]), "dim", kTiny);
      return;
    }
    for (size_t i = 0; i < panel.parts.size(); ++i) {
      svg_.rect(x, y_ - 10, 8, 8, panel.classes[i]);
      const auto label = word(panel.parts[i]);
      svg_.text(x + 11, y_ - 2, label, "dim", kTiny);
      x += 11 + text_width(label, kTiny) + 8;
    }
  }

  /// One figure of a run in a panel at (left, top); its lower edge.
  double figure(const Panel& panel, const Row& row, double left, double width, double top) {
    const auto& bar = row.*panel.figure;
    constexpr Font kValue{12, true};
    double range = 0, widest = 60;
    for (const auto& each : rows_) {
      const auto& other = each.*panel.figure;
      range = std::max({range, other.number.value_or(0), static_cast<double>(other.claimed.value_or(0))});
      if (other.number) widest = std::max(widest, text_width(other.value, kValue));
    }
    widest = std::min(widest, width / 2);
    const double value = left + widest + 10, x = value + 8, most = left + width - x - 10, middle = top + kPanelBar / 2;
    const double unit = range > 0 ? most / range : 0;
    if (bar.number) {
      svg_.text(value, middle + 4.3, short_figure(bar, widest, kValue), "ink", kValue, Anchor::end);
      draw_bar(svg_, {x, top, kPanelBar, unit, most}, bar, panel.classes, false);
    } else {
      draw_unknown(svg_, x, top, most, kPanelBar, word(Text::unknown));
      svg_.text(value, middle + 4.3, "?", "warn", kValue, Anchor::end);
    }
    if (!bar.claimed) return top + kPanelBar;
    svg_.open({}, bar.claim);
    const double at = x + *bar.claimed * unit;
    gap(bar, x, middle, unit);
    draw_claim(svg_, at, middle, bar.contradicted);
    if (bar.contradicted) svg_.text(x, top + kPanelBar + 13, told_claim(bar), "warn", kTold);
    svg_.close();
    return top + kPanelBar + (bar.contradicted ? 16 : 0);
  }

  Language language_;
  bool wide_;
  std::vector<Row> rows_;
  std::string shared_, title_;
  Svg svg_;
  double margin_, right_;
  double value_ = 0, plot_ = 0, unit_ = 0;  ///< of the copies: right edge of the figures, zero, px per copy
  double room_ = 0;                         ///< of the axis
  double y_ = 0;
};

}  // namespace

std::string comparison(std::span<const timeline::Measured> runs, const Options& options) {
  if (options.form == Form::slide) return comparison_slide(runs, options);
  return Picture(runs, options).draw(runs);
}

}  // namespace zctrace::diagram
