#include "viz/terminal/diagram.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/edge_label.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "viz/terminal/canvas.h"
#include "viz/terminal/line.h"

namespace zctrace::terminal {
namespace {

using namespace timeline;

// Columns of the picture: the file's side, the pipe, the network's side; names of the bands behind them.
constexpr int kLeft = 9, kMiddle = 32, kRight = 57, kBands = 69;
constexpr int kHalf = 8, kPipeHalf = 4, kSocketHalf = 10;  // of the boxes' widths
constexpr int kDirect = 21;                                // where direct I/O passes the page cache by
constexpr int kWidth = 80;

class Picture {
 public:
  Picture(const Run& run, const Ledger& ledger, Language language)
      : run_(run),
        ledger_(ledger),
        language_(language),
        edges_(edges(ledger, Side::sender)),
        canvas_(kWidth, kMostRows) {
    // What is not known is not drawn: an arrow would say that it is.
    if (run.evidence.copies == Evidence::none)
      std::erase_if(edges_, [](const Edge& edge) { return edge.by != Mover::dma; });
  }

  std::vector<std::string> draw(const Style& style) {
    place_rows();
    user_space();
    kernel();
    hardware();
    auto lines = canvas_.lines(style);
    lines.resize(static_cast<size_t>(hardware_row_ + 4));
    return lines;
  }

 private:
  static constexpr int kMostRows = 32;

  /// A copy is drawn even where references carry more beside it, unless it is less than a hundredth of them.
  const Edge* find(End from, End to) const {
    const auto weight = [](const Edge& edge) {
      return static_cast<double>(edge.bytes) * (edge.by == Mover::cpu ? 100 : 1);
    };
    const Edge* most = nullptr;
    for (const auto& edge : edges_)
      if (edge.from == from && edge.to == to && (most == nullptr || weight(edge) > weight(*most))) most = &edge;
    return most;
  }
  bool touched(End end) const {
    return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& e) { return e.from == end || e.to == end; });
  }
  std::string_view words(Text text) const { return zctrace::words(text, language_); }
  End target() const { return target_of(run_); }
  /// Where the pipe is not the place that all leads to.
  bool through_pipe() const { return target() != End::pipe && touched(End::pipe); }

  void place_rows() {
    // Drivers pull their smallest packets together, a few dozen bytes of megabytes: the table tells that.
    stage_ = find(End::socket_buffer, End::socket_buffer);
    if (stage_ != nullptr && stage_->bytes < ledger_.payload_bytes / 100) stage_ = nullptr;
    loop_ = find(End::pipe, End::pipe);
    int row = kKernelRow + 3;
    if (stage_ != nullptr) row += 6;
    if (stage_ == nullptr && loop_ != nullptr) row += 3;
    border_row_ = row + 2;
    hardware_row_ = border_row_ + 1;
  }

  void border(int row) { canvas_.horizontal(row, 1, kWidth - 2, "┄", Ink::dim); }

  /// Between two boxes, drawn over the border it crosses.
  void arrow(int top, int bottom, int column, bool up, const Line& line) {
    for (int border : {kBorderRow, border_row_})
      if (border >= top && border <= bottom) canvas_.put(border, column - 1, "   ", Ink::plain);
    canvas_.vertical(top, bottom, column, line.vertical, line.ink);
    canvas_.put(up ? top : bottom, column, up ? "▲" : "▼", line.ink);
  }

  void arrow_right(int row, int left, int right, const Line& line) {
    canvas_.horizontal(row, left, right, line.horizontal, line.ink);
    canvas_.put(row, right, "▶", line.ink);
  }

  /// Room for text right of a vertical arrow, up to the next one.
  static int room(int column) { return (column < kRight ? kRight : kWidth) - column - 3; }

  void label_at(int row, int column, const std::vector<std::string>& lines, Ink ink) {
    for (size_t i = 0; i < lines.size(); ++i)
      canvas_.put(row + static_cast<int>(i), column + 2, lines[i], i == 0 ? ink : Ink::dim, room(column));
  }

  void vertical_edge(const Edge* edge, int column, bool up) {
    if (edge == nullptr) return;
    const auto line = line_of(run_, *edge);
    arrow(kUserRow + 3, kKernelRow - 1, column, up, line);
    const auto text = summary::label(run_, *edge, language_);
    label_at(kUserRow + 3, column, {text.amount, text.how(room(column))}, line.ink);
  }

  void user_space() {
    const int middle = (kLeft - kHalf + kRight + kSocketHalf) / 2, half = kRight + kSocketHalf - middle;
    const bool used = touched(End::user_buffer);
    const auto* filled = find(End::page_cache, End::user_buffer);
    const bool known = run_.evidence.copies != Evidence::none && !run_.evidence.copies_unknown;
    const bool mapped = filled != nullptr && filled->by == Mover::reference;
    canvas_.box(kUserRow, middle, half,
                words(mapped           ? Text::user_buffer_mapped
                      : used || !known ? Text::user_buffer
                                       : Text::user_buffer_untouched),
                used);
    canvas_.put(kUserRow + 1, kBands, words(Text::user_space), Ink::dim);
    border(kBorderRow);
    mode_switches();
    vertical_edge(filled, kLeft, true);
    vertical_edge(find(End::user_buffer, target()), kRight, false);
    if (!through_pipe()) return;
    vertical_edge(find(End::user_buffer, End::pipe), kMiddle, false);
    vertical_edge(find(End::pipe, End::user_buffer), kMiddle, true);
  }

  /// On the border that they cross.
  void mode_switches() {
    const int left = find(End::disk, End::user_buffer) != nullptr ? kDirect : kLeft;
    const int most = kRight - left - 4;
    auto text = summary::mode_switches_text(run_, ledger_, Side::sender, language_);
    if (columns(text) + 1 >= most) text = summary::mode_switches_text(run_, ledger_, Side::sender, language_, false);
    canvas_.centre(kBorderRow, (left + kRight) / 2, " " + text + " ", Ink::plain, most);
  }

  void kernel() {
    const int row = kKernelRow;
    canvas_.box(row, kLeft, kHalf, words(Text::page_cache), touched(End::page_cache) || disk_edge().has_value());
    canvas_.box(row, kRight, kSocketHalf, target_title(), touched(target()) || has_network(run_));
    canvas_.put(row + 1, kBands, words(Text::kernel), Ink::dim);
    if (through_pipe()) {
      canvas_.box(row, kMiddle, kPipeHalf, words(Text::pipe), true);
      across(find(End::page_cache, End::pipe), kLeft + kHalf + 1, kMiddle - kPipeHalf - 1);
      across(find(End::pipe, target()), kMiddle + kPipeHalf + 1, kRight - kSocketHalf - 1);
    } else {
      across(find(End::page_cache, target()), kLeft + kHalf + 1, kRight - kSocketHalf - 1);
    }
    if (run_.evidence.copies == Evidence::none)
      canvas_.centre(row + 1, kMiddle, words(Text::copies_unknown), Ink::warn);
    if (stage_ != nullptr) stage();
    if (loop_ != nullptr) loop();
  }

  std::string target_title() const {
    if (target() == End::file)
      return run_.sinks > 1 ? say(language_, Text::many_files, run_.sinks) : std::string(words(Text::file));
    if (target() == End::pipe) return std::string(words(run_.sinks > 1 ? Text::pipes : Text::pipe));
    return say_count(language_, std::max(1U, run_.sinks), Text::socket_buffer, Text::many_socket_buffers);
  }

  /// A horizontal arrow, its figures above and below it. Beside the pipe there is room for the amount only.
  void across(const Edge* edge, int left, int right) {
    if (edge == nullptr) return;
    const auto line = line_of(run_, *edge);
    const int middle = (left + right + 1) / 2, width = right - left + 1;
    arrow_right(kKernelRow + 1, left, right, line);
    if (width < 20) {
      canvas_.centre(kKernelRow, middle, summary::amount(*edge), line.ink, width);
      canvas_.centre(kKernelRow + 2, middle,
                     words(line.ink == Ink::warn    ? Text::unknown
                           : edge->by == Mover::cpu ? Text::cpu_copy
                                                    : Text::reference),
                     line.ink, width);
    } else {
      const auto text = summary::label(run_, *edge, language_);
      canvas_.centre(kKernelRow, middle, text.amount, line.ink, width);
      canvas_.centre(kKernelRow + 2, middle, text.how(width - 2), Ink::dim);
    }
  }

  /// The device layer copies the payload once more, into buffers the device can take.
  void stage() {
    const auto line = line_of(run_, *stage_);
    const int row = kKernelRow + 3;
    arrow(row, row + 2, kRight, false, line);
    const auto text = summary::label(run_, *stage_, language_);
    label_at(row, kRight, {text.amount, text.how(room(kRight)), summary::context_text(*stage_, language_)}, line.ink);
    canvas_.box(row + 3, kRight, kSocketHalf, words(Text::new_socket_buffer), true);
  }

  /// tee: the second pipe holds the same pages. Into pipes, they also pass from one to the other.
  void loop() {
    const auto line = line_of(run_, *loop_);
    const int middle = through_pipe() ? kMiddle : kRight;
    const int row = kKernelRow + 3, left = middle - 2, right = middle + 2;
    canvas_.put(row, left, line.vertical, line.ink);
    canvas_.put(row, right, "▲", line.ink);
    canvas_.horizontal(row + 1, left, right, line.horizontal, line.ink);
    canvas_.put(row + 1, left, "╰", line.ink);
    canvas_.put(row + 1, right, "╯", line.ink);
    const auto amount = summary::label(run_, *loop_, language_).amount;
    canvas_.centre(row + 2, middle, through_pipe() ? say(language_, Text::doubled, amount) : amount, line.ink,
                   kRight - kLeft - 4);
  }

  /// What the disk's DMA moved into the page cache: as the copies say, else as the requests do.
  std::optional<Edge> disk_edge() const {
    if (const auto* edge = find(End::disk, End::page_cache)) return *edge;
    const bool elsewhere = find(End::disk, End::user_buffer) != nullptr;
    if (elsewhere || ledger_.dma.disk_bytes == 0 || run_.evidence.disk == Evidence::none) return {};
    return Edge{End::disk,
                End::page_cache,
                Mover::dma,
                ledger_.dma.disk_bytes,
                ledger_.dma.disk_requests,
                {Copy{End::disk, End::page_cache, Mover::dma, "", "", 0, 0, Side::sender, Context::syscall,
                      run_.evidence.disk}}};
  }

  void hardware() {
    border(border_row_);
    canvas_.put(hardware_row_ + 1, kBands, words(Text::hardware), Ink::dim);
    disk();
    if (has_network(run_)) card();
  }

  void disk() {
    const auto& source = run_.source;
    const auto* direct = find(End::disk, End::user_buffer);
    const auto edge = disk_edge();
    const auto what = source.device.empty() || source.device == source.filesystem
                          ? source.filesystem
                          : fmt::format("{}{}{}", source.device, words(Text::comma), source.filesystem);
    // A traced program's source need not be known: then nothing is said of it but its requests.
    const bool none = !source.dma && !source.filesystem.empty() && !edge && direct == nullptr;
    canvas_.box(hardware_row_, kLeft, kHalf, words(none ? Text::no_disk : Text::disk), edge || direct != nullptr,
                what.empty() ? words(Text::unknown) : what);
    const int row = border_row_ - 2;
    const auto requests = say_count(language_, ledger_.dma.disk_requests, Text::one_request, Text::many_requests);
    if (edge) {
      arrow(kKernelRow + 3, border_row_, kLeft, true, line_of(Mover::dma));
      label_at(row, kLeft, {summary::label(run_, *edge, language_).amount, requests}, Ink::dma);
    } else if (direct != nullptr) {
      const auto line = line_of(Mover::dma);
      arrow(kUserRow + 3, hardware_row_ + 1, kDirect, true, line);
      canvas_.horizontal(hardware_row_ + 1, kLeft + kHalf + 1, kDirect - 1, line.horizontal, line.ink);
      canvas_.put(hardware_row_ + 1, kDirect, "╝", line.ink);
      label_at(kUserRow + 3, kDirect,
               {summary::label(run_, *direct, language_).amount, std::string(words(Text::past_the_cache))}, line.ink);
      label_at(row, kDirect, {requests}, Ink::dim);
    } else {
      const bool unknown = !none && run_.evidence.disk == Evidence::none;
      canvas_.centre(row + 1, kLeft,
                     words(none      ? Text::no_dma
                           : unknown ? Text::unknown
                                     : Text::not_read),
                     unknown ? Ink::warn : Ink::dim);
    }
  }

  void card() {
    const auto& path = run_.path;
    const bool unknown = run_.evidence.nic == Evidence::none;
    const auto kind = path.dma || path.kind.empty() ? path.driver : say(language_, Text::path_no_dma, path.kind);
    canvas_.box(hardware_row_, kRight, kSocketHalf,
                !path.device.empty() ? path.device
                : path.kind.empty()  ? words(Text::network)
                                     : path.kind,
                !unknown, kind.empty() ? words(Text::unknown) : kind);
    const int row = border_row_ - 2, top = stage_ != nullptr ? kKernelRow + 9 : kKernelRow + 3;
    const auto packets = say_count(language_, ledger_.transmit.packets, Text::one_packet, Text::many_packets);
    if (unknown) {
      canvas_.centre(row + 1, kRight, words(Text::unknown), Ink::warn);
    } else if (path.dma) {
      arrow(top, border_row_, kRight, false, line_of(Mover::dma));
      label_at(row, kRight,
               {say(language_, Text::dma_moved, summary::mark(run_.evidence.nic) + format_bytes(ledger_.dma.nic_bytes)),
                packets},
               Ink::dma);
    } else {
      arrow(top, border_row_, kRight, false, {"│", "─", Ink::dim});
      label_at(row, kRight,
               {std::string(words(path.kind.empty() ? Text::handed_over : Text::handed_over_no_dma)), packets},
               Ink::dim);
    }
  }

  static constexpr int kUserRow = 0, kBorderRow = 5, kKernelRow = 6;

  const Run& run_;
  const Ledger& ledger_;
  const Language language_;
  std::vector<Edge> edges_;
  Canvas canvas_;
  const Edge *stage_ = nullptr, *loop_ = nullptr;
  int border_row_ = 0, hardware_row_ = 0;
};

}  // namespace

std::vector<std::string> diagram(const Run& run, const Ledger& ledger, const Style& style) {
  return Picture(run, ledger, style.language).draw(style);
}

}  // namespace zctrace::terminal
