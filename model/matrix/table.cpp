#include "model/matrix/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::matrix {

namespace {

using timeline::Evidence;

std::string per_byte(const std::optional<double>& copies, Language language) {
  return copies ? format_ratio(*copies) : say(language, Text::unknown);
}

/// What stands in the table for a result.
std::string value_of(const Result& result, Language language) {
  if (!result.skipped.empty()) return "–";
  if (!result.failed.empty()) return say(language, Text::matrix_failed);
  const bool at_least = result.evidence == Evidence::at_least;
  return fmt::format("{}{} {}", at_least ? "≥ " : "", per_byte(result.sender, language),
                     per_byte(result.receiver, language));
}

std::string setting_of(const Cell& cell, Language language) {
  const std::string cache = say_either(language, cell.warm, Text::matrix_warm, Text::matrix_cold);
  return cell.offload.empty() ? cache : cell.offload + ", " + cache;
}

/// Why a result is not an exact one of two counts that agree; empty if it is.
std::string remark_of(const Result& result, Language language) {
  if (!result.skipped.empty()) return result.skipped;
  if (!result.failed.empty()) return result.failed;
  if (!result.agree) return say(language, Text::matrix_disagree);
  if (result.evidence != Evidence::exact) return std::string(timeline::text(result.evidence));
  return {};
}

/// One row a group of cells; groups in the order of their first cell.
std::vector<Row> rows_of(const std::vector<Result>& results, const std::vector<std::string>& kernels,
                         Language language) {
  struct Line {
    Cell cell;
    std::vector<std::string> values;
  };
  std::vector<Line> lines;
  for (const Result& result : results) {
    const auto column = static_cast<size_t>(std::ranges::find(kernels, result.kernel) - kernels.begin());
    if (column == kernels.size()) continue;
    const std::string name = name_of(result.cell);
    auto line = std::ranges::find_if(lines, [&](const Line& other) { return name_of(other.cell) == name; });
    if (line == lines.end()) line = lines.insert(lines.end(), {result.cell, std::vector<std::string>(kernels.size())});
    line->values[column] = value_of(result, language);
  }
  std::vector<Row> rows;
  for (const Line& line : lines) {
    auto row = std::ranges::find_if(rows, [&](const Row& other) {
      return other.method == line.cell.method && other.path == line.cell.path && other.values == line.values;
    });
    if (row == rows.end()) row = rows.insert(rows.end(), {line.cell.method, line.cell.path, {}, line.values});
    row->settings.push_back(setting_of(line.cell, language));
  }
  for (Row& row : rows) {
    const bool alone = std::ranges::count_if(rows, [&](const Row& other) {
                         return other.method == row.method && other.path == row.path;
                       }) == 1;
    if (alone) row.settings.clear();
  }
  return rows;
}

std::string settings_text(const Row& row, Language language) {
  return row.settings.empty() ? say(language, Text::matrix_all_settings)
                              : fmt::format("{}", fmt::join(row.settings, "; "));
}

}  // namespace

Result result_of(const Cell& cell, const std::string& kernel, const timeline::Document& document) {
  const timeline::Run& run = document.run;
  Result result{.cell = cell, .kernel = kernel, .release = run.kernel.release};
  result.sender = timeline::cpu_copies_per_byte(run, document.ledger, timeline::Side::sender);
  result.receiver = timeline::cpu_copies_per_byte(run, document.ledger, timeline::Side::receiver);
  result.evidence = timeline::copies_evidence(run, timeline::Side::sender);
  result.agree = std::ranges::all_of(run.evidence.cross_check, &timeline::CrossCheck::agree);
  return result;
}

Table table_of(const std::vector<Result>& results, const std::vector<std::string>& kernels, Language language) {
  Table table{.kernels = kernels, .rows = rows_of(results, kernels, language)};
  // One line a reason: a method that a kernel lacks is missing in all of its cells.
  for (const Result& result : results) {
    const std::string remark = remark_of(result, language);
    if (remark.empty()) continue;
    const bool whole_method = !result.skipped.empty();
    const std::string key = whole_method ? fmt::format("{}, {}: {}", result.kernel, result.cell.method, remark)
                                         : fmt::format("{}, {}: {}", result.kernel, name_of(result.cell), remark);
    if (std::ranges::find(table.remarks, key) == table.remarks.end()) table.remarks.push_back(key);
  }
  return table;
}

std::string text_of(const Table& table, Language language) {
  std::vector<std::vector<std::string>> lines{{say(language, Text::matrix_method), say(language, Text::matrix_path)}};
  lines[0].insert(lines[0].end(), table.kernels.begin(), table.kernels.end());
  lines[0].push_back(say(language, Text::matrix_settings));
  for (const Row& row : table.rows) {
    lines.push_back({row.method, row.path});
    lines.back().insert(lines.back().end(), row.values.begin(), row.values.end());
    lines.back().push_back(settings_text(row, language));
  }
  std::vector<int> widths(lines[0].size());
  for (const auto& line : lines)
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns(line[i]));
  std::string text;
  for (const auto& line : lines) {
    for (size_t i = 0; i + 1 < line.size(); ++i) text += pad(line[i], widths[i] + 2);
    text += line.back() + '\n';
  }
  for (const std::string& remark : table.remarks) text += remark + '\n';
  return text;
}

std::string markdown_of(const Table& table, Language language) {
  std::string text =
      fmt::format("| {} | {} | {} | {} |\n", say(language, Text::matrix_method), say(language, Text::matrix_path),
                  fmt::join(table.kernels, " | "), say(language, Text::matrix_settings));
  text += "|---|---|---|";
  for (size_t i = 0; i < table.kernels.size(); ++i) text += "---|";
  text += '\n';
  for (const Row& row : table.rows)
    text += fmt::format("| {} | {} | {} | {} |\n", row.method, row.path, fmt::join(row.values, " | "),
                        settings_text(row, language));
  if (!table.remarks.empty()) text += '\n';
  for (const std::string& remark : table.remarks) text += "- " + remark + '\n';
  return text;
}

std::string csv_of(const std::vector<Result>& results) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.6f}", *value) : "unknown";
  };
  std::string text = "kernel,release,method,path,offload,cache,sender,receiver,evidence,counts,reason\n";
  for (const Result& result : results) {
    const bool measured = result.skipped.empty() && result.failed.empty();
    std::string reason = result.skipped.empty() ? result.failed : result.skipped;
    for (size_t at = 0; (at = reason.find('"', at)) != reason.npos; at += 2) reason.insert(at, "\"");
    text += fmt::format("{},{},{},{},\"{}\",{},{},{},{},{},\"{}\"\n", result.kernel, result.release, result.cell.method,
                        result.cell.path, result.cell.offload, result.cell.warm ? "warm" : "cold",
                        measured ? number(result.sender) : "", measured ? number(result.receiver) : "",
                        measured ? timeline::text(result.evidence) : "",
                        measured ? (result.agree ? "agree" : "disagree") : "", reason);
  }
  return text;
}

}  // namespace zctrace::matrix
