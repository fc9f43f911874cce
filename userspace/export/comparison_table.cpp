#include "userspace/export/comparison_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "userspace/export/figure_rows.h"
#include "userspace/export/run_differences.h"
#include "userspace/export/text.h"
#include "userspace/language/texts.h"
#include "userspace/units.h"

namespace zctrace::exports {
namespace {

using namespace timeline;

constexpr int kGap = 2, kLabel = 30, kLeastColumn = 9, kMostColumn = 14, kChange = 8, kHeadLines = 8;

/// "×0.50", "×16.0", "×1,024"
std::string format_factor(double factor) {
  if (factor >= 1e6) return fmt::format("×{:.0e}", factor);
  if (factor >= 99.95) return "×" + format_count(static_cast<uint64_t>(factor + 0.5));
  if (factor >= 9.995) return fmt::format("×{:.1f}", factor);
  return "×" + format_ratio(factor);
}

/// What a cell shows.
struct Cell {
  std::string value;
  std::string change;  ///< against the first run: "×0.50", "new"; may be empty
  Ink ink = Ink::plain;
};

class Table {
 public:
  Table(std::span<const Document> runs, const Style& style) : runs_(runs), style_(style) {
    std::vector<const Run*> each;
    for (const auto& document : runs) each.push_back(&document.run);
    differences_ = run_differences(each, style.language);
    for (auto& row : figure_rows(runs, style.language)) sort_in(std::move(row));
    lay_out();
  }

  std::string text() {
    std::string shared;
    for (const auto& aspect : differences_.shared) shared += (shared.empty() ? "" : " · ") + aspect;
    if (!shared.empty()) paragraph(say(word(Text::compare_label), word(Text::compare_all_runs), shared), Ink::dim);
    for (size_t first = 1; first < runs_.size(); first += static_cast<size_t>(columns_ - 1)) {
      if (!text_.empty()) text_ += '\n';
      block(first, std::min(runs_.size(), first + static_cast<size_t>(columns_ - 1)));
    }
    text_ += '\n';
    folded(Text::compare_same, same_, Ink::dim);
    folded(Text::compare_none, none_, Ink::dim);
    folded(Text::compare_unknown, unknown_, Ink::warn);
    paragraph(word(Text::compare_legend), Ink::dim);
    return std::move(text_);
  }

 private:
  std::string_view word(Text text) const { return words(text, style_.language); }
  std::string say(std::string_view form, std::string_view a, std::string_view b) const {
    return fmt::format(fmt::runtime(form), a, b);
  }

  /// Rows with nothing to compare go into the sentences below the table.
  void sort_in(FigureRow row) {
    const auto& first = row.cells[0];
    const bool edge = row.head.id.starts_with("copies/");
    // Of an edge, the bytes are in the figure per byte.
    if (edge && row.head.id.ends_with("/bytes")) return;
    const bool lesson = row.head.id == "cpu_copies_per_byte" || row.head.id == "mode_switches/per_chunk";
    const auto all = [&](auto&& what) { return std::ranges::all_of(row.cells, what); };
    if (all([](const Figure& cell) { return !cell.number; })) {
      if (lesson) return rows_.push_back(std::move(row));
      unknown_.push_back(row.head.label);
    } else if (!lesson && all([&](const Figure& cell) { return measured_equal(cell, first); })) {
      if (first.number == 0) return none_.push_back(row.head.label);
      same_.push_back(say(edge ? "{} {}" : "{} {}", row.head.label, row.head.value));
    } else {
      rows_.push_back(std::move(row));
    }
  }

  Cell cell(const FigureRow& row, size_t run) const {
    const auto &first = row.cells[0], &figure = row.cells[run];
    Cell cell{figure.value, "", Ink::plain};
    if (!figure.number) {
      cell.ink = Ink::warn;
      return cell;
    }
    if (row.head.id == "cpu_copies_per_byte") cell.ink = *figure.number < 0.005 ? Ink::good : Ink::cpu;
    if (run == 0 || !first.number) return cell;
    if (measured_equal(figure, first)) return {"=", "", Ink::dim};
    if (*figure.number == *first.number) return cell;  // but not counted alike: nothing to make of it
    const bool both = *first.number > 0 && *figure.number > 0;
    if (both) cell.change = format_factor(*figure.number / *first.number);
    if (is_time(row.head)) return {both ? cell.change : figure.value, "", Ink::plain};
    if (!both) cell.change = word(*first.number > 0 ? Text::compare_gone : Text::compare_new);
    if (cell.ink == Ink::plain) cell.ink = Ink::strong;
    return cell;
  }

  void lay_out() {
    column_ = kLeastColumn;
    label_ = 0;
    for (const auto& row : rows_) {
      label_ = std::max(label_, columns(row.head.label));
      for (size_t run = 0; run < runs_.size(); ++run) column_ = std::max(column_, columns(cell(row, run).value));
    }
    column_ = std::min(column_, kMostColumn);
    label_ = std::min({label_, kLabel, style_.width - 2 - 2 * (column_ + kGap)});
    const auto fitting = [&](int width) { return std::max(2, (style_.width - 2 - label_) / width); };
    const int runs = static_cast<int>(std::min<size_t>(runs_.size(), 1000));
    // The first column has no change beside it.
    changes_ = style_.width - 2 - label_ >= runs * (column_ + kGap) + (runs - 1) * kChange;
    columns_ = changes_ ? runs : std::min(runs, fitting(column_ + kGap));
    if (changes_) {
      // Room that is left makes the columns' heads easier to read.
      const int left = (style_.width - 2 - label_ - (runs - 1) * kChange) / runs - kGap;
      column_ = std::clamp(left, column_, kMostColumn + 6);
    }
  }

  void block(size_t first, size_t end) {
    std::vector<size_t> shown{0};
    for (size_t run = first; run < end; ++run) shown.push_back(run);
    head(shown);
    std::string section;
    for (const auto& row : rows_) {
      if (row.head.section != section) {
        section = row.head.section;
        text_ += " " + paint(fit(section, style_.width - 2), Ink::dim, style_) + "\n";
      }
      line(row, shown);
    }
  }

  void head(const std::vector<size_t>& shown) {
    std::vector<std::vector<std::string>> heads;
    size_t height = 0;
    for (const auto run : shown) {
      std::vector<std::string> lines;
      for (const auto& aspect : differences_.apart[run])
        for (auto& line : wrap(aspect, width_of(run))) lines.push_back(std::move(line));
      if (lines.size() > kHeadLines) {
        lines.resize(kHeadLines);
        lines.back() = "…";
      }
      height = std::max(height, lines.size());
      heads.push_back(std::move(lines));
    }
    for (size_t i = 0; i < height; ++i) {
      std::string line(static_cast<size_t>(label_ + 1), ' ');
      for (size_t at = 0; at < heads.size(); ++at) {
        const auto& lines = heads[at];
        line += std::string(kGap, ' ') + pad(i < lines.size() ? lines[i] : "", width_of(shown[at]));
      }
      put(line, Ink::strong);
    }
  }

  /// Of a run's column, with the change beside its figures.
  int width_of(size_t run) const { return column_ + (changes_ && run > 0 ? kChange : 0); }

  void line(const FigureRow& row, const std::vector<size_t>& shown) {
    const auto label = wrap(row.head.label, label_);
    for (size_t i = 0; i + 1 < label.size(); ++i) put(" " + label[i], Ink::plain);
    auto text = " " + paint(pad(label.empty() ? "" : label.back(), label_), Ink::plain, style_);
    for (const auto run : shown) {
      const auto found = cell(row, run);
      text += std::string(kGap, ' ') + paint(pad(found.value, column_, true), found.ink, style_);
      if (changes_ && run > 0) text += " " + paint(pad(found.change, kChange - 1), Ink::dim, style_);
    }
    text_ += trimmed(std::move(text)) + "\n";
  }

  static std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }
  void put(std::string line, Ink ink) { text_ += paint(trimmed(std::move(line)), ink, style_) + "\n"; }

  void paragraph(std::string_view text, Ink ink) {
    for (const auto& line : wrap(text, style_.width - 2)) text_ += " " + paint(line, ink, style_) + "\n";
  }
  void folded(Text what, const std::vector<std::string>& labels, Ink ink) {
    if (labels.empty()) return;
    std::string list;
    for (const auto& label : labels) list += (list.empty() ? "" : std::string(word(Text::compare_semicolon))) + label;
    paragraph(say(word(Text::compare_label), word(what), list), ink);
  }

  std::span<const Document> runs_;
  const Style& style_;
  RunDifferences differences_;
  std::vector<FigureRow> rows_;
  std::vector<std::string> same_, none_, unknown_;
  int label_ = 0, column_ = 0, columns_ = 0;
  bool changes_ = false;
  std::string text_;
};

}  // namespace

std::string comparison_text(std::span<const Document> runs, const Style& style) { return Table(runs, style).text(); }

}  // namespace zctrace::exports
