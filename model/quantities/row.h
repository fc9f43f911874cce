#pragma once

#include <string_view>

namespace zctrace::quantities {

/// A row of the table by its id. One that the table does not have does not compile.
template <const auto& kTable>
class RowOf {
 public:
  consteval RowOf(const char* id) : row_(find(id)) {}  // NOLINT: written as its text
  constexpr const auto& operator*() const { return *row_; }
  constexpr const auto* operator->() const { return row_; }

 private:
  static consteval const auto* find(std::string_view id) {
    for (const auto& row : kTable)
      if (row.id == id) return &row;
    throw "no such row";
  }
  decltype(&kTable[0]) row_;
};

}  // namespace zctrace::quantities
