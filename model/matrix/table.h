#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/language/bilingual.h"
#include "model/matrix/cell.h"
#include "model/summary/sentences.h"
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
  Words beside = {};  ///< what else touched the bytes: "1.00 transforms per byte: AES-GCM by the CPU"; mostly empty
  summary::Tone tone = summary::Tone::unknown;
  timeline::Evidence evidence = timeline::Evidence::none;
  bool agree = true;  ///< the two counts of each copy
};

/// Of a run's document.
Result result_of(const Cell& cell, const std::string& kernel, const timeline::Document& document);

/// What a row says of one kernel.
struct Value {
  Words text;  ///< "2.00 1.49–1.50": the sender's copies per byte and the receiver's; "0.00 1.00 ◈" where more than
               ///< copies touched the bytes; "–": it cannot be done
  summary::Tone tone = summary::Tone::unknown;
  bool measured = false;
};

/// Cells of one method and path that say the same on every kernel, within 0.05 copies per byte, stand in one row.
struct Row {
  std::string method, path;
  Words settings;             ///< "as it comes; tso=off, cold"; "all" where they all say the same
  std::vector<Value> values;  ///< one a kernel
  std::vector<Cell> cells;
  bool kernels_differ() const;  ///< among those that were measured
};

struct Column {
  std::string kernel, release;  ///< the release is empty where nothing was measured on it
};

struct Table {
  std::vector<Column> kernels = {};
  std::vector<Row> rows = {};
  std::string measured = {};        ///< the day, "2026-11-26"
  std::vector<Words> beside = {};   ///< what ◈ stands for: "ktls_send: 1.00 transforms per byte: AES-GCM by the CPU"
  std::vector<Words> remarks = {};  ///< of cells that are not exact, disagree, failed or were skipped, and why
};

/// `kernels`: the columns, in their order.
Table table_of(const std::vector<Result>& results, const std::vector<std::string>& kernels);

}  // namespace zctrace::matrix
