#include "viz/terminal/diagram.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "model/language/texts.h"
#include "model/summary/edge_label.h"
#include "model/summary/picture.h"
#include "viz/terminal/canvas.h"
#include "viz/terminal/line.h"

namespace zctrace::terminal {
namespace {

using namespace timeline;
using summary::Arrow;
using summary::ArrowStyle;

/// Where things stand, in columns.
struct Layout {
  int width;                         ///< of all
  int left, middle, right;           ///< the middles of the file's side, of the pipe and of the network's side
  int half, pipe_half, socket_half;  ///< of the boxes' widths
  int direct;                        ///< where direct I/O passes the page cache by
  int bands;                         ///< the names of user space, kernel and hardware
  bool bands_beside;                 ///< they stand beside the boxes; else on the borders above what they name
};
constexpr Layout kWide{80, 9, 32, 57, 8, 4, 10, 21, 69, true};
constexpr Layout kNarrow{kNarrowestDiagram, 8, 28, 50, 7, 3, 9, 18, 51, false};

class Drawing {
 public:
  Drawing(const summary::Picture& picture, const Style& style)
      : at_(style.width < kWide.width ? kNarrow : kWide),
        picture_(picture),
        language_(style.language),
        filled_(take(End::page_cache, End::user_buffer)),
        drained_(take(End::user_buffer, picture_.target_end)),
        into_pipe_(picture_.target_end == End::pipe ? nullptr : take(End::user_buffer, End::pipe)),
        across_(picture_.pipe.used ? nullptr : take(End::page_cache, picture_.target_end)),
        to_pipe_(picture_.pipe.used ? take(End::page_cache, End::pipe) : nullptr),
        from_pipe_(picture_.pipe.used ? take(End::pipe, picture_.target_end) : nullptr),
        loop_(take(End::pipe, End::pipe)),
        stage_(take(End::socket_buffer, End::socket_buffer)),
        disk_(take(End::disk, End::page_cache)),
        direct_(disk_ == nullptr ? take(End::disk, End::user_buffer) : nullptr),
        card_(take(End::socket_buffer, End::nic)),
        canvas_(at_.width, kMostRows) {}

  std::vector<std::string> draw(const Style& style) {
    place_rows();
    user_space();
    kernel();
    hardware();
    int rows = hardware_row_ + 4;
    if (picture_.judges_receiver) rows = receiver(rows);
    auto lines = canvas_.lines(style);
    lines.resize(static_cast<size_t>(rows));
    besides(style, lines);
    return lines;
  }

 private:
  static constexpr int kMostRows = 32;

  /// What is drawn between two places: there is room for one arrow. A copy comes before references that carry more.
  const Arrow* take(End a, End b) {
    const auto weight = [](const Arrow& arrow) { return arrow.per_byte * (arrow.style == ArrowStyle::copy ? 100 : 1); };
    const Arrow* most = nullptr;
    for (const auto& arrow : picture_.sender)
      if (arrow.between(a, b) && (most == nullptr || weight(arrow) > weight(*most))) most = &arrow;
    if (most != nullptr) drawn_.push_back(most);
    return most;
  }
  std::string_view words(Text text) const { return zctrace::words(text, language_); }

  /// "_copy_to_iter ×1,024" in at most `most` columns: the name is cut, not the figure.
  static std::string how(const Arrow& arrow, int most) {
    return summary::Label{{}, arrow.short_function, arrow.calls}.how(most);
  }

  void place_rows() {
    int row = kKernelRow + 3;
    if (stage_ != nullptr) row += 6;
    if (stage_ == nullptr && loop_ != nullptr) row += 3;
    border_row_ = row + 2;
    hardware_row_ = border_row_ + 1;
  }

  void border(int row) { canvas_.horizontal(row, 1, at_.width - 2, "┄", Ink::dim); }

  /// The name of what lies below the border, there or beside its boxes.
  void band(int border, int beside, Text name) {
    if (at_.bands_beside) return canvas_.put(beside, at_.bands, words(name), Ink::dim);
    canvas_.put(border, at_.bands + 1, words(name), Ink::dim);
  }

  /// Between two boxes, drawn over the border it crosses.
  void arrow(int top, int bottom, int column, bool up, const Line& line) {
    for (int border : {kBorderRow, border_row_})
      if (border >= top && border <= bottom) canvas_.put(border, column - 1, "   ", Ink::plain);
    canvas_.vertical(top, bottom, column, line.vertical, line.ink);
    canvas_.put(up ? top : bottom, column, up ? "▲" : "▼", line.ink);
  }

  /// In the narrow layout some labels stand left of their arrows.
  bool label_before(int column) const {
    return !at_.bands_beside && (column == at_.right || column == at_.direct);
  }

  /// Room for text beside a vertical arrow, up to the next one or its text.
  int room(int column) const {
    if (at_.bands_beside) return (column < at_.right ? at_.right : at_.width) - column - 3;
    if (column == at_.direct) return column - 3;
    return column == at_.middle ? at_.right - column - 3 : std::abs(column - at_.middle) - 3;
  }

  void label_at(int row, int column, const std::vector<std::string>& lines, Ink ink) {
    for (size_t i = 0; i < lines.size(); ++i) {
      const auto text = fit(lines[i], room(column));
      const int begin = label_before(column) ? column - 1 - columns(text) : column + 2;
      canvas_.put(row + static_cast<int>(i), begin, text, i == 0 ? ink : Ink::dim);
    }
  }

  void vertical_arrow(const Arrow* what, int column) {
    if (what == nullptr) return;
    const auto line = line_of(what->style);
    arrow(kUserRow + 3, kKernelRow - 1, column, what->to == End::user_buffer, line);
    label_at(kUserRow + 3, column, {what->short_amount, how(*what, room(column))}, line.ink);
  }

  void user_space() {
    const int right = at_.right + at_.socket_half, middle = (at_.left - at_.half + right) / 2, half = right - middle;
    canvas_.box(kUserRow, middle, half, picture_.user_on_one_line, picture_.user.used);
    if (at_.bands_beside) canvas_.put(kUserRow + 1, at_.bands, words(Text::user_space), Ink::dim);
    border(kBorderRow);
    mode_switches();
    band(kBorderRow, kKernelRow + 1, Text::kernel);
    vertical_arrow(filled_, at_.left);
    vertical_arrow(drained_, at_.right);
    if (picture_.pipe.used) vertical_arrow(into_pipe_, at_.middle);
  }

  /// On the border that they cross.
  void mode_switches() {
    const bool to_pipe = picture_.pipe.used && into_pipe_ != nullptr;
    const int left = direct_ != nullptr ? at_.direct : to_pipe ? at_.middle : at_.left;
    const int most = at_.right - left - 4;
    const auto& switches = picture_.switches;
    const auto& text = columns(switches.per_chunk) + 1 < most ? switches.per_chunk : switches.total;
    canvas_.centre(kBorderRow, (left + at_.right) / 2, " " + text + " ", Ink::plain, most);
  }

  void kernel() {
    const int row = kKernelRow;
    canvas_.box(row, at_.left, at_.half, picture_.page_cache.title, picture_.page_cache.used);
    canvas_.box(row, at_.right, at_.socket_half, picture_.target.title, picture_.target.used);
    if (picture_.pipe.used) {
      canvas_.box(row, at_.middle, at_.pipe_half, picture_.pipe.title, true);
      across(row, to_pipe_, End::page_cache, at_.left + at_.half + 1, at_.middle - at_.pipe_half - 1);
      across(row, from_pipe_, End::pipe, at_.middle + at_.pipe_half + 1, at_.right - at_.socket_half - 1);
    } else {
      across(row, across_, End::page_cache, at_.left + at_.half + 1, at_.right - at_.socket_half - 1);
    }
    if (!picture_.copies_known) canvas_.centre(row + 1, at_.middle, words(Text::copies_unknown), Ink::warn);
    if (stage_ != nullptr) stage();
    if (loop_ != nullptr) loop();
  }

  /// A horizontal arrow, its figures above and below it. Beside the pipe there is room for the amount only.
  void across(int row, const Arrow* what, End first, int left, int right) {
    if (what == nullptr) return;
    const auto line = line_of(what->style);
    const int middle = (left + right + 1) / 2, width = right - left + 1;
    const bool back = what->to == first;
    canvas_.horizontal(row + 1, left, right, line.horizontal, line.ink);
    canvas_.put(row + 1, back ? left : right, back ? "◀" : "▶", line.ink);
    if (what->key.empty()) {  // nobody has said yet what goes there
      canvas_.centre(row, middle, what->short_amount, line.ink, width);
    } else if (width < 20) {
      canvas_.centre(row, middle, what->bytes, line.ink, width);
      canvas_.centre(row + 2, middle,
                     words(what->style == ArrowStyle::doubtful ? Text::unknown
                           : what->style == ArrowStyle::copy   ? Text::cpu_copy
                                                               : Text::reference),
                     line.ink, width);
    } else {
      canvas_.centre(row, middle, what->short_amount, line.ink, width);
      canvas_.centre(row + 2, middle, how(*what, width - 2), Ink::dim);
    }
  }

  /// Where it is the receiver that is judged: its road, from left to right. Returns the row below.
  int receiver(int row) {
    canvas_.put(row, 1, words(Text::receiver), Ink::strong);
    const int left = at_.left + at_.half + 1, right = at_.right - at_.socket_half - 1;
    const auto between = [&](End from, End to) {
      std::vector<const Arrow*> found;
      for (const auto& arrow : picture_.receiver)
        if (arrow.from == from && arrow.to == to) found.push_back(&arrow);
      return found;
    };
    const auto one = [&](const std::vector<const Arrow*>& arrows, int from, int to) {
      if (!arrows.empty()) across(row + 1, arrows.front(), End::disk, from, to);
    };
    const auto arrival = picture_.arrival_end;
    canvas_.box(row + 1, at_.left, at_.half, picture_.arrival.title, true);
    if (picture_.receiver_pipe.used) {
      canvas_.box(row + 1, at_.middle, at_.pipe_half, picture_.receiver_pipe.title, true);
      canvas_.box(row + 1, at_.right, at_.socket_half, picture_.receiver_file.title, true);
      one(between(arrival, End::pipe), left, at_.middle - at_.pipe_half - 1);
      one(between(End::pipe, End::file), at_.middle + at_.pipe_half + 1, right);
      return row + 4;
    }
    canvas_.box(row + 1, at_.right, at_.socket_half, picture_.receiver_user.title, true);
    const auto arrows = between(arrival, End::user_buffer);
    one(arrows, left, right);
    if (arrows.size() < 2) return row + 4;
    const auto line = line_of(arrows[1]->style);
    canvas_.horizontal(row + 3, left, right, line.horizontal, line.ink);
    canvas_.put(row + 3, right, "▶", line.ink);
    canvas_.centre(row + 4, (left + right + 1) / 2, arrows[1]->short_amount, line.ink, right - left + 1);
    return row + 5;
  }

  /// The device layer copies the payload once more, into buffers the device can take.
  void stage() {
    const auto line = line_of(stage_->style);
    const int row = kKernelRow + 3;
    arrow(row, row + 2, at_.right, false, line);
    label_at(row, at_.right, {stage_->short_amount, how(*stage_, room(at_.right)), stage_->circumstance}, line.ink);
    canvas_.box(row + 3, at_.right, at_.socket_half, picture_.stage.title, true);
  }

  /// tee: the second pipe holds the same pages. Into pipes, they also pass from one to the other.
  void loop() {
    const auto line = line_of(loop_->style);
    const int middle = picture_.pipe.used ? at_.middle : at_.right;
    const int row = kKernelRow + 3, left = middle - 2, right = middle + 2;
    canvas_.put(row, left, line.vertical, line.ink);
    canvas_.put(row, right, "▲", line.ink);
    canvas_.horizontal(row + 1, left, right, line.horizontal, line.ink);
    canvas_.put(row + 1, left, "╰", line.ink);
    canvas_.put(row + 1, right, "╯", line.ink);
    canvas_.centre(row + 2, middle, loop_->short_amount, line.ink, at_.right - at_.left - 4);
  }

  void hardware() {
    border(border_row_);
    band(border_row_, hardware_row_ + 1, Text::hardware);
    disk();
    if (picture_.has_card) card();
  }

  void remark(int column, const summary::Remark& remark) {
    canvas_.centre(border_row_ - 1, column, remark.short_text, remark.unknown ? Ink::warn : Ink::dim);
  }

  void disk() {
    canvas_.box(hardware_row_, at_.left, at_.half, picture_.disk.title, picture_.disk.used, picture_.disk.below);
    const int row = border_row_ - 2;
    if (disk_ != nullptr) {
      const auto line = line_of(disk_->style);
      arrow(kKernelRow + 3, border_row_, at_.left, disk_->from == End::disk, line);
      label_at(row, at_.left, {disk_->short_amount, disk_->short_function}, line.ink);
    } else if (direct_ != nullptr) {
      direct();
    } else {
      remark(at_.left, picture_.disk_remark);
    }
  }

  /// Between the disk and user space, past the page cache.
  void direct() {
    const auto line = line_of(direct_->style);
    const bool up = direct_->from == End::disk;
    arrow(kUserRow + 3, hardware_row_ + 1, at_.direct, up, line);
    canvas_.horizontal(hardware_row_ + 1, at_.left + at_.half + 1, at_.direct - 1, line.horizontal, line.ink);
    canvas_.put(hardware_row_ + 1, at_.direct, "╝", line.ink);
    if (!up) canvas_.put(hardware_row_ + 1, at_.left + at_.half + 1, "◀", line.ink);
    label_at(kUserRow + 3, at_.direct, {direct_->short_amount, direct_->circumstance}, line.ink);
    label_at(border_row_ - 2, at_.direct, {direct_->short_function}, Ink::dim);
  }

  void card() {
    canvas_.box(hardware_row_, at_.right, at_.socket_half, picture_.device, picture_.card.used, picture_.device_kind);
    if (card_ == nullptr) return remark(at_.right, picture_.card_remark);
    const auto line = line_of(card_->style);
    arrow(stage_ != nullptr ? kKernelRow + 9 : kKernelRow + 3, border_row_, at_.right, card_->from == End::nic, line);
    label_at(border_row_ - 2, at_.right, {card_->short_amount, card_->short_function}, line.ink);
  }

  /// What has no arrow, and what there was no room for.
  void besides(const Style& style, std::vector<std::string>& lines) const {
    constexpr int kLabelWidth = 20;  // as wide as that of the figures below
    auto undrawn = picture_.besides;
    for (const auto& arrow : picture_.sender)
      if (std::ranges::find(drawn_, &arrow) == drawn_.end()) undrawn.push_back(arrow);
    if (undrawn.empty()) return;
    auto before = " " + paint(pad(words(Text::flow_besides), kLabelWidth), Ink::dim, style);
    for (const auto& line : wrap(summary::in_words(undrawn, language_), at_.width - kLabelWidth - 2)) {
      lines.push_back(before + paint(line, Ink::plain, style));
      before = std::string(kLabelWidth + 1, ' ');
    }
  }

  static constexpr int kUserRow = 0, kBorderRow = 5, kKernelRow = 6;

  const Layout& at_;
  const summary::Picture& picture_;
  const Language language_;
  std::vector<const Arrow*> drawn_;
  const Arrow *filled_, *drained_, *into_pipe_, *across_, *to_pipe_, *from_pipe_, *loop_, *stage_, *disk_, *direct_,
      *card_;
  Canvas canvas_;
  int border_row_ = 0, hardware_row_ = 0;
};

}  // namespace

std::vector<std::string> diagram(const Run& run, const Ledger& ledger, const Style& style) {
  return diagram(summary::picture(run, ledger, style.language), style);
}

std::vector<std::string> diagram(const summary::Picture& picture, const Style& style) {
  return Drawing(picture, style).draw(style);
}

}  // namespace zctrace::terminal
