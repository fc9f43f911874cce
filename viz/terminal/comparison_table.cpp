#include "viz/terminal/comparison_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "model/summary/figure_rows.h"
#include "model/summary/run_differences.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"

namespace zctrace::terminal {
namespace {

using namespace timeline;

constexpr int kGap = 2, kLabelColumn = 28, kLeastColumn = 8, kMostColumn = 20, kChange = 8, kHeadLines = 9;
constexpr size_t kMostFlows = 12;

/// What a cell shows.
struct Cell {
  std::string value;
  std::string change;  ///< against the first run: "×0.50", "new"; may be empty
  Ink ink = Ink::plain;
};

/// The sender's edges are of their mover's colour; the receiver's are apart from the methods' lesson.
Ink ink_of(std::string_view id) {
  if (!id.starts_with("copies/sender/")) return Ink::plain;
  return id.ends_with("/cpu")         ? Ink::cpu
         : id.ends_with("/dma")       ? Ink::dma
         : id.ends_with("/reference") ? Ink::reference
                                      : Ink::plain;
}

/// A number is never cut, but written shorter.
std::string figure_in(int width, const Cell& cell, const summary::Figure& figure) {
  if (columns(cell.value) <= width || !figure.number) return cell.value;
  return fmt::format("{}{:.0e}", summary::mark(figure.evidence), *figure.number);
}

/// Some figures only say of another in other words, or how the receiver came by it.
bool compared(const summary::FigureRow& row) {
  const std::string_view id = row.head.id;
  if (id.starts_with("copies/") && (id.ends_with("/bytes") || id.ends_with("/dma/calls"))) return false;
  if (id.starts_with("copies/") && id.ends_with("/calls"))  // no comparison where only one run has the edge
    return std::ranges::count_if(row.cells, [](const summary::Figure& cell) { return cell.number.value_or(0) > 0; }) >
           1;
  return id != "network/dma_bytes" && id != "mode_switches/syscall" && !id.starts_with("receiver/syscalls") &&
         !id.starts_with("receiver/page_faults") && !id.starts_with("receiver/mode_switches/");
}

class ComparisonTable {
 public:
  ComparisonTable(std::span<const Measured> runs, const Style& style) : runs_(runs), style_(style) {
    std::vector<const Run*> each;
    for (const auto& document : runs) each.push_back(&document.run);
    differences_ = summary::run_differences(each, style.language);
    for (auto& row : summary::figure_rows(runs, style.language))
      if (compared(row)) sort_in(std::move(row));
    if (same_flows_ > 0)
      same_.push_back(
          labelled(word(Text::flows), say(style_.language, Text::figure_more_functions, format_count(same_flows_))));
    lay_out();
  }

  bool fits() const { return static_cast<size_t>(others_) + 1 >= runs_.size(); }

  std::string text() {
    if (const auto shared = summary::shared_sentence(differences_, style_.language); !shared.empty())
      paragraph(shared, Ink::dim);
    for (size_t first = 1; first < runs_.size(); first += static_cast<size_t>(others_)) {
      if (!text_.empty()) text_ += '\n';
      block(first, std::min(runs_.size(), first + static_cast<size_t>(others_)));
    }
    text_ += '\n';
    folded(Text::compare_same, same_, Ink::dim);
    folded(Text::compare_none, none_, Ink::dim);
    folded(Text::compare_unknown, unknown_, Ink::warn);
    paragraph(word(Text::compare_legend), Ink::dim);
    return std::move(text_);
  }

 private:
  static bool is_encrypted(const Measured& measured) {
    return !measured.ledger.flows && (measured.run.kernel_tls || transformed_bytes(measured.ledger) != 0);
  }
  std::string_view word(Text text) const { return words(text, style_.language); }
  std::string labelled(std::string_view label, std::string_view text) const {
    return say(style_.language, Text::labelled, label, text);
  }

  /// Rows with nothing to compare go into the sentences below the table.
  void sort_in(summary::FigureRow row) {
    const auto& first = row.cells[0];
    const auto all = [&](auto&& what) { return std::ranges::all_of(row.cells, what); };
    // A program's traffic comes in no chunks.
    const bool chunks = !all([](const summary::Figure& cell) { return !cell.number; });
    const bool lesson = row.head.id == "cpu_copies_per_byte" || (row.head.id == "mode_switches/per_chunk" && chunks);
    const bool same = summary::measured_equal(first, first) &&
                      std::all_of(row.cells.begin() + 1, row.cells.end(), [](const auto& cell) { return cell.equal; });
    if (row.head.id.starts_with("flows/") && row.head.id != "flows/unattributed") {
      // The biggest flows are the lesson of a program; of the others only what differs, and how many do not.
      const bool copies = row.head.id.ends_with("/copies");
      if (!copies) big_flow_ = flows_++ < kMostFlows || !same;
      if (big_flow_)
        rows_.push_back(std::move(row));
      else if (!copies)
        ++same_flows_;
      return;
    }
    auto label = row.head.id.starts_with("receiver/") ? labelled(row.head.section, row.head.label) : row.head.label;
    const bool unknown = all([](const summary::Figure& cell) { return !cell.number; });
    if (lesson || (!unknown && !same)) {
      rows_.push_back(std::move(row));
    } else if (unknown) {
      unknown_.push_back(std::move(label));
    } else if (first.number == 0) {
      none_.push_back(std::move(label));
    } else {
      same_.push_back(label + " " + first.value);
    }
  }

  Cell cell(const summary::FigureRow& row, size_t run) const {
    const auto &first = row.cells[0], &figure = row.cells[run];
    Cell cell{figure.value, "", Ink::plain};
    if (!figure.number) {
      cell.ink = Ink::warn;
      return cell;
    }
    if (figure.absent) cell.ink = Ink::dim;
    if (row.head.id == "cpu_copies_per_byte" || (row.head.id.ends_with("/copies") && !figure.absent))
      cell.ink = !quantities::is_zero_copy(*figure.number) ? Ink::cpu
                 : is_encrypted(runs_[run])                ? Ink::transform
                                                           : Ink::good;
    if (run == 0 || !first.number) return cell;
    if (figure.equal) return {figure.absent ? "-" : "=", "", Ink::dim};
    if (*figure.number == *first.number) return cell;  // but not counted alike: nothing to make of it
    if (row.time) return {figure.ratio ? figure.change : figure.value, "", Ink::plain};
    cell.change = figure.change;
    if (cell.ink == Ink::plain) cell.ink = Ink::strong;
    return cell;
  }

  void lay_out() {
    const int most = std::min(kMostColumn, style_.width / 2 - 8);
    first_ = column_ = kLeastColumn;
    for (const auto& run : differences_.apart)
      for (const auto& aspect : run)
        for (const auto part : std::views::split(aspect, ' '))
          longest_word_ = std::max(longest_word_, columns(std::string_view(part.begin(), part.end())));
    longest_word_ = std::min(longest_word_, most);
    for (const auto& row : rows_) {
      label_ = std::max(label_, columns(row.head.label));
      for (size_t run = 0; run < runs_.size(); ++run) {
        auto& width = run == 0 ? first_ : column_;
        width = std::max(width, std::min(columns(cell(row, run).value), most));
      }
    }
    const int room = style_.width - 2 - first_ - kGap;  // for the labels and the other runs
    const int others = static_cast<int>(std::min<size_t>(runs_.size() - 1, 100));
    const int label = std::min(label_, kLabelColumn);
    changes_ = room - label >= others * (column_ + kGap + kChange);
    const int each = column_ + kGap + (changes_ ? kChange : 0);
    others_ = std::clamp((room - label) / each, 1, others);
    // What room is left goes to the words of the heads first, then to the labels.
    const int wider = std::min(longest_word_ - column_, (room - label - others_ * each) / (others_ + 1));
    if (wider > 0) {
      column_ += wider;
      first_ += wider;
    }
    label_ = std::clamp(style_.width - 2 - first_ - kGap - others_ * (each + std::max(0, wider)), 1, label_);
  }

  void block(size_t begin, size_t end) {
    std::vector<size_t> shown{0};
    for (size_t run = begin; run < end; ++run) shown.push_back(run);
    head(shown);
    std::string section, above;
    for (const auto& row : rows_) {
      if (std::ranges::all_of(shown, [&](size_t run) { return row.cells[run].absent; })) continue;
      if (row.head.section != section) {
        section = row.head.section;
        text_ += " " + paint(fit(section, style_.width - 2), Ink::strong, style_) + "\n";
      }
      const auto below = row.head.id == above + "/calls"    ? word(Text::compare_calls)
                         : row.head.id == above + "/copies" ? word(Text::flow_copies)
                                                            : std::string_view();
      line(below.empty() ? row.head.label : "  " + std::string(below), row, shown);
      above = row.head.id;
      if (above == "cpu_copies_per_byte") claims(row, shown);
      if (above == "mode_switches/per_chunk") claims(row, shown);
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
        line += std::string(kGap, ' ') + pad(i < lines.size() ? lines[i] : "", width_of(shown[at]), true);
        if (changes_ && at > 0) line += std::string(kChange, ' ');
      }
      put(line, Ink::strong);
    }
    put(" " + repeated("─", style_.width - 2), Ink::dim);
  }

  int width_of(size_t run) const { return run == 0 ? first_ : column_; }

  void line(std::string_view what, const summary::FigureRow& row, const std::vector<size_t>& shown) {
    const auto label = wrap(what, label_);
    const auto ink = ink_of(row.head.id);
    for (size_t i = 0; i + 1 < label.size(); ++i) put(" " + label[i], ink);
    auto text = " " + paint(pad(label.empty() ? "" : label.back(), label_), ink, style_);
    for (const auto run : shown) {
      const auto found = cell(row, run);
      text += std::string(kGap, ' ') +
              paint(pad(figure_in(width_of(run), found, row.cells[run]), width_of(run), true), found.ink, style_);
      if (changes_ && run > 0) text += " " + paint(pad(found.change, kChange - 1), Ink::dim, style_);
    }
    text_ += trimmed(std::move(text)) + "\n";
  }

  /// What the documents claim of a row's figure, below it.
  void claims(const summary::FigureRow& row, const std::vector<size_t>& shown) {
    auto text = " " + paint(pad("  " + std::string(word(Text::compare_claims)), label_), Ink::dim, style_);
    bool any = false;
    for (const auto run : shown) {
      const auto claimed = summary::claimed_figure(runs_[run].run, row.cells[run]);
      text += std::string(kGap, ' ') +
              paint(pad(claimed.number ? std::to_string(*claimed.number) : "", width_of(run), true),
                    claimed.contradicted ? Ink::warn : Ink::dim, style_);
      if (changes_ && run > 0) text += std::string(kChange, ' ');
      any = any || claimed.number;
    }
    if (any) text_ += trimmed(std::move(text)) + "\n";
  }

  static std::string repeated(std::string_view character, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += character;
    return text;
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
    paragraph(labelled(word(what), list), ink);
  }

  std::span<const Measured> runs_;
  const Style& style_;
  summary::RunDifferences differences_;
  std::vector<summary::FigureRow> rows_;
  std::vector<std::string> same_, none_, unknown_;
  int label_ = 0, first_ = 0, column_ = 0;  ///< widths
  int longest_word_ = 0;                    ///< of the heads
  int others_ = 1;                          ///< runs in a block beside the first
  size_t flows_ = 0, same_flows_ = 0;       ///< of programs; those that are counted only
  bool big_flow_ = false;                   ///< the one that the next row belongs to has a row of its own
  bool changes_ = false;
  std::string text_;
};

}  // namespace

bool comparison_fits(std::span<const Measured> runs, const Style& style) { return ComparisonTable(runs, style).fits(); }

std::string comparison_text(std::span<const Measured> runs, const Style& style) { return ComparisonTable(runs, style).text(); }

}  // namespace zctrace::terminal
