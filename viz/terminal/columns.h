#pragma once

#include <string>
#include <vector>

#include "viz/terminal/style.h"

namespace zctrace::terminal {

struct Column {
  std::string head;
  int width = 0;       ///< 0: what the others leave
  bool right = false;  ///< numbers
  int rank = 0;        ///< where there is no room, the highest goes first; 0 stays
};

/// Columns that a terminal has room for, a blank before each.
class Columns {
 public:
  Columns(std::vector<Column> columns, int width);

  /// 0: there is no room for it.
  int width_of(size_t column) const { return columns_[column].width; }
  /// `text` as a cell of that column; empty where there is no room for it.
  std::string cell(size_t column, const std::string& text, Ink ink, const Style& style) const;
  std::string head(const Style& style) const;

 private:
  std::vector<Column> columns_;
};

}  // namespace zctrace::terminal
