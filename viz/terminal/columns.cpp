#include "viz/terminal/columns.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace zctrace::terminal {

namespace {

constexpr int kLeastFlexible = 20;

int needed(const std::vector<Column>& columns) {
  return std::accumulate(columns.begin(), columns.end(), 0, [](int sum, const Column& column) {
    if (column.rank < 0) return sum;
    return sum + 1 + (column.width == 0 ? kLeastFlexible : column.width);
  });
}

}  // namespace

Columns::Columns(std::vector<Column> columns, int width) : columns_(std::move(columns)) {
  constexpr int kGone = -1;
  while (needed(columns_) > width) {
    const auto last = std::ranges::max_element(columns_, {}, &Column::rank);
    if (last->rank <= 0) break;
    last->rank = kGone;
  }
  const int rest = width - needed(columns_);
  for (Column& column : columns_) {
    if (column.rank == kGone)
      column.width = 0;
    else if (column.width == 0)
      column.width = std::max(1, kLeastFlexible + rest);
  }
}

std::string Columns::cell(size_t column, const std::string& text, Ink ink, const Style& style) const {
  const Column& of = columns_[column];
  if (of.width == 0) return "";
  return " " + paint(pad(text, of.width, of.right), ink, style);
}

std::string Columns::head(const Style& style) const {
  std::string line;
  for (size_t i = 0; i < columns_.size(); ++i) line += cell(i, columns_[i].head, Ink::dim, style);
  return line;
}

}  // namespace zctrace::terminal
