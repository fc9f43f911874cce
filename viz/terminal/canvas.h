#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// A grid of characters with ink. What lies outside is not drawn, so nothing is ever wider than the canvas.
class Canvas {
 public:
  Canvas(int width, int height);

  /// Writes text from (row, column) on, at most `most` columns of it.
  void put(int row, int column, std::string_view text, Ink ink, int most = 1 << 20);
  /// The same with the text's middle at `column`.
  void centre(int row, int column, std::string_view text, Ink ink, int most = 1 << 20);
  /// One character over and over, both ends included.
  void vertical(int top, int bottom, int column, std::string_view character, Ink ink);
  void horizontal(int row, int left, int right, std::string_view character, Ink ink);

  /// A box around its title: three rows, four with a line `below` it; 2 * half + 1 columns. Dim and dotted where not
  /// `used`.
  void box(int row, int middle, int half, std::string_view title, bool used, std::string_view below = {});

  /// One line of output per row, without blanks at their ends.
  std::vector<std::string> lines(const Style& style) const;

 private:
  static constexpr char32_t kRightHalf = 0;  ///< of the wide character before it
  struct Cell {
    char32_t character = U' ';
    Ink ink = Ink::plain;
  };

  void set(int row, int column, char32_t character, Ink ink);

  int width_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace zctrace::terminal
