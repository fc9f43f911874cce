#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/matrix/cell.h"
#include "model/timeline/model.h"

/// What the cells' documents say, side by side.
namespace zctrace::matrix {

/// One cell on one kernel.
struct Result {
  Cell cell = {};
  std::string kernel = {};   ///< as it was asked for: "6.12"
  std::string release = {};  ///< uname -r; empty where nothing was measured
  std::string skipped = {};  ///< why the kernel or the path cannot do it; empty: it was measured
  std::string failed = {};   ///< what went wrong; empty: nothing
  std::optional<double> sender = {}, receiver = {};  ///< CPU copies per byte; nothing where unknown
  timeline::Evidence evidence = timeline::Evidence::none;
  bool agree = true;  ///< the two counts of each copy
};

/// Of a run's document.
Result result_of(const Cell& cell, const std::string& kernel, const timeline::Document& document);

/// Cells of one method and path that say the same on every kernel stand in one row.
struct Row {
  std::string method, path;
  std::vector<std::string> settings;  ///< "sg=off, cold"; empty: all that were tried
  std::vector<std::string> values;    ///< of each kernel: "0.00 1.00": the sender's and the receiver's copies per byte
};

struct Table {
  std::vector<std::string> kernels = {};
  std::vector<Row> rows = {};
  std::vector<std::string> remarks = {};  ///< of cells that are not exact, disagree, failed or were skipped, and why
};

/// `kernels`: the columns, in their order.
Table table_of(const std::vector<Result>& results, const std::vector<std::string>& kernels, Language language);

/// At most so many columns wide where that can be. Ends with a newline.
std::string text_of(const Table& table, Language language);
std::string markdown_of(const Table& table, Language language);
/// A line for each result. The first names the columns.
std::string csv_of(const std::vector<Result>& results);

}  // namespace zctrace::matrix
