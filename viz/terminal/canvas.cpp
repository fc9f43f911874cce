#include "viz/terminal/canvas.h"

#include <algorithm>

#include "base/text.h"

namespace zctrace::terminal {

Canvas::Canvas(int width, int height)
    : width_(width), rows_(static_cast<size_t>(height), std::vector<Cell>(static_cast<size_t>(width))) {}

void Canvas::set(int row, int column, char32_t character, Ink ink) {
  const bool wide = columns(character) == 2;
  if (row < 0 || row >= static_cast<int>(rows_.size()) || column < 0 || column + wide >= width_) return;
  auto* cell = &rows_[static_cast<size_t>(row)][static_cast<size_t>(column)];
  // Half of a wide character would shift the rest of the line: what is left of one becomes a blank.
  if (cell->character == kRightHalf) cell[-1].character = U' ';
  const int last = column + wide;
  if (last + 1 < width_ && cell[wide + 1].character == kRightHalf) cell[wide + 1].character = U' ';
  *cell = {character, ink};
  if (wide) cell[1] = {kRightHalf, ink};
}

void Canvas::put(int row, int column, std::string_view text, Ink ink, int most) {
  for (auto character : characters(fit(text, std::min(most, width_ - column)))) {
    const int taken = columns(character);
    if (taken == 0) continue;  // a mark would need a cell of its own
    set(row, column, character, ink);
    column += taken;
  }
}

void Canvas::centre(int row, int column, std::string_view text, Ink ink, int most) {
  const auto fitted = fit(text, most);
  put(row, column - columns(fitted) / 2, fitted, ink);
}

void Canvas::vertical(int top, int bottom, int column, std::string_view character, Ink ink) {
  for (int row = top; row <= bottom; ++row) put(row, column, character, ink);
}

void Canvas::horizontal(int row, int left, int right, std::string_view character, Ink ink) {
  for (int column = left; column <= right; ++column) put(row, column, character, ink);
}

void Canvas::box(int row, int middle, int half, std::string_view title, bool used, std::string_view below) {
  const Ink frame = used ? Ink::plain : Ink::dim;
  const char* edge = used ? "─" : "┄";
  const int left = middle - half, right = middle + half, bottom = row + (below.empty() ? 2 : 3);
  horizontal(row, left, right, edge, frame);
  vertical(row, bottom, left, "│", frame);
  vertical(row, bottom, right, "│", frame);
  horizontal(bottom, left, right, edge, frame);
  put(row, left, "╭", frame);
  put(row, right, "╮", frame);
  put(bottom, left, "╰", frame);
  put(bottom, right, "╯", frame);
  centre(row + 1, middle, title, used ? Ink::strong : Ink::dim, 2 * half - 1);
  if (!below.empty()) centre(row + 2, middle, below, Ink::dim, 2 * half - 1);
}

std::vector<std::string> Canvas::lines(const Style& style) const {
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    size_t end = row.size();
    while (end > 0 && row[end - 1].character == U' ') --end;
    std::string line;
    for (size_t begin = 0; begin < end;) {
      size_t next = begin;
      std::string same;
      // Blanks take any ink: fewer colour changes, and a plain file where there is no colour.
      while (next < end && (row[next].ink == row[begin].ink || row[next].character == U' ')) {
        if (row[next].character != kRightHalf) same += utf8(row[next].character);
        ++next;
      }
      line += paint(same, row[begin].ink, style);
      begin = next;
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace zctrace::terminal
