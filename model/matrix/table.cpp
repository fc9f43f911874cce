#include "model/matrix/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::matrix {

namespace {

using timeline::Evidence;

/// Figures no further apart say the same: packets, and with them what a device makes of them, differ from run to run.
constexpr double kSame = 0.05;

/// The words that `make` gives in each language.
template <class Make>
Words in_both(const Make& make) {
  return {make(Language::english), make(Language::chinese)};
}

bool measured(const Result& result) { return result.skipped.empty() && result.failed.empty(); }

bool close(const std::optional<double>& one, const std::optional<double>& other) {
  return one && other ? std::abs(*one - *other) <= kSame : !one && !other;
}

bool same(const Result& one, const Result& other) {
  if (!measured(one) || !measured(other)) return one.skipped == other.skipped && one.failed == other.failed;
  return close(one.sender, other.sender) && close(one.receiver, other.receiver) &&
         one.beside.empty() == other.beside.empty() && one.evidence == other.evidence && one.agree == other.agree;
}

/// A cell's results, one a kernel; nothing where it was not tried.
struct Line {
  Cell cell;
  std::vector<const Result*> results;
};

bool same(const Line& one, const Line& other) {
  return std::ranges::equal(one.results, other.results, [](const Result* left, const Result* right) {
    return left && right ? same(*left, *right) : !left && !right;
  });
}

std::vector<Line> lines_of(const std::vector<Result>& results, const std::vector<std::string>& kernels) {
  std::vector<Line> lines;
  for (const Result& result : results) {
    const auto column = static_cast<size_t>(std::ranges::find(kernels, result.kernel) - kernels.begin());
    if (column == kernels.size()) continue;
    const std::string name = name_of(result.cell);
    auto line = std::ranges::find_if(lines, [&](const Line& other) { return name_of(other.cell) == name; });
    if (line == lines.end())
      line = lines.insert(lines.end(), {result.cell, std::vector<const Result*>(kernels.size())});
    line->results[column] = &result;
  }
  return lines;
}

/// "1.00", "1.49–1.50", "unknown".
std::string span_of(const std::vector<const Result*>& results, std::optional<double> Result::*figure,
                    Language language) {
  std::optional<double> least, most;
  for (const Result* result : results) {
    const auto& value = result->*figure;
    if (!value) return say(language, Text::unknown);
    least = std::min(least.value_or(*value), *value);
    most = std::max(most.value_or(*value), *value);
  }
  const std::string from = format_ratio(*least), to = format_ratio(*most);
  const bool one = from == to || (*least == 0 && *most < 0.01);
  return one ? to : from + "–" + to;
}

Value value_of(const std::vector<const Result*>& results) {
  const Result& first = *results.front();
  if (!first.skipped.empty()) return {plain("–")};
  if (!first.failed.empty()) return {both(Text::matrix_failed)};
  const auto text = in_both([&](Language language) {
    const std::string mark = first.evidence == Evidence::at_least ? "≥ " : "";
    const std::string sender = mark + span_of(results, &Result::sender, language);
    // What is written to a file is not received by anybody.
    const std::string ends =
        first.cell.path == "file" ? sender : sender + " " + span_of(results, &Result::receiver, language);
    return first.beside.empty() ? ends : ends + " ◈";
  });
  return {text, first.tone, true};
}

std::string cache_of(bool warm, Language language) {
  return say_either(language, warm, Text::matrix_warm, Text::matrix_cold);
}

/// "as it comes; tso=off, cold".
std::string settings_of(const std::vector<Cell>& cells, Language language) {
  std::vector<std::string> settings;
  for (const Cell& cell : cells) {
    const auto other = std::ranges::find_if(
        cells, [&](const Cell& each) { return each.offload == cell.offload && each.warm != cell.warm; });
    if (other != cells.end() && cell.warm) continue;  // told with the cold one
    std::string setting = cell.offload.empty() ? say(language, Text::matrix_as_it_comes) : cell.offload;
    if (other == cells.end()) setting += ", " + cache_of(cell.warm, language);
    settings.push_back(setting);
  }
  return fmt::format("{}", fmt::join(settings, "; "));
}

/// Kernels that say the same, one with another, say it with one span.
struct Kernels {
  std::vector<size_t> columns;
  std::vector<const Result*> results;
};

std::vector<Kernels> kernels_of(const std::vector<const Line*>& lines) {
  std::vector<Kernels> groups;
  for (size_t column = 0; column < lines.front()->results.size(); ++column) {
    Kernels one{{column}, {}};
    for (const Line* line : lines)
      if (line->results[column]) one.results.push_back(line->results[column]);
    if (one.results.empty()) continue;
    const auto says_the_same = [&](const Kernels& group) {
      return std::ranges::any_of(group.results, [&](const Result* each) {
        return std::ranges::any_of(one.results, [&](const Result* ours) { return same(*each, *ours); });
      });
    };
    const auto group = std::ranges::find_if(groups, says_the_same);
    if (group == groups.end()) {
      groups.push_back(std::move(one));
      continue;
    }
    group->columns.push_back(column);
    group->results.insert(group->results.end(), one.results.begin(), one.results.end());
  }
  return groups;
}

Row row_of(const std::vector<const Line*>& lines, bool alone) {
  const Cell& first = lines.front()->cell;
  Row row;
  row.method = first.method;
  row.path = first.path;
  row.values.resize(lines.front()->results.size());
  for (const Line* line : lines) row.cells.push_back(line->cell);
  row.settings = alone ? both(Text::matrix_all_settings)
                       : in_both([&](Language language) { return settings_of(row.cells, language); });
  for (const auto& [columns, results] : kernels_of(lines))
    for (const size_t column : columns) row.values.at(column) = value_of(results);
  return row;
}

std::vector<Row> rows_of(const std::vector<Line>& lines) {
  struct Group {
    std::vector<const Line*> lines;
  };
  std::vector<Group> groups;
  const auto together = [](const Line& one, const Line& other) {
    return one.cell.method == other.cell.method && one.cell.path == other.cell.path;
  };
  for (const Line& line : lines) {
    const auto group = std::ranges::find_if(groups, [&](const Group& other) {
      return together(*other.lines.front(), line) &&
             std::ranges::all_of(other.lines, [&](const Line* each) { return same(*each, line); });
    });
    if (group == groups.end())
      groups.push_back({{&line}});
    else
      group->lines.push_back(&line);
  }
  std::vector<Row> rows;
  for (const Group& group : groups) {
    const auto others =
        std::ranges::count_if(groups, [&](const Group& other) { return together(*other.lines[0], *group.lines[0]); });
    rows.push_back(row_of(group.lines, others == 1));
  }
  return rows;
}

/// Why a result is not an exact one of two counts that agree; empty if it is.
Words remark_of(const Result& result) {
  if (!result.skipped.empty()) return plain(result.skipped);
  if (!result.failed.empty()) return plain(result.failed);
  if (!result.agree) return both(Text::matrix_disagree);
  if (result.evidence != Evidence::exact) return plain(std::string(timeline::text(result.evidence)));
  return {};
}

void add_once(std::vector<Words>& list, const Words& words) {
  if (std::ranges::find(list, words.english, &Words::english) == list.end()) list.push_back(words);
}

/// A line for each thing that touched a method's bytes.
std::vector<Words> beside_of(const std::vector<Result>& results) {
  std::vector<Words> lines;
  for (const Result& result : results)
    if (!result.beside.empty())
      add_once(lines,
               in_both([&](Language language) { return result.cell.method + ": " + result.beside.in(language); }));
  return lines;
}

/// One line a reason: a method that a kernel lacks is missing in all of its cells.
std::vector<Words> remarks_of(const std::vector<Result>& results) {
  std::vector<Words> remarks;
  for (const Result& result : results) {
    const Words remark = remark_of(result);
    if (remark.empty()) continue;
    const std::string what = result.skipped.empty() ? name_of(result.cell) : result.cell.method;
    add_once(remarks, in_both([&](Language language) {
               return fmt::format("{}, {}: {}", result.kernel, what, remark.in(language));
             }));
  }
  return remarks;
}

}  // namespace

Result result_of(const Cell& cell, const std::string& kernel, const timeline::Document& document) {
  const timeline::Run& run = document.run;
  Result result{.cell = cell, .kernel = kernel, .release = run.kernel.release};
  result.sender = timeline::cpu_copies_per_byte(run, document.ledger, timeline::Side::sender);
  result.receiver = timeline::cpu_copies_per_byte(run, document.ledger, timeline::Side::receiver);
  result.beside =
      in_both([&](Language language) { return summary::verdict_of(run, document.ledger, language).beside; });
  result.tone = summary::verdict_of(run, document.ledger, Language::english).tone;
  result.evidence = timeline::copies_evidence(run, timeline::Side::sender);
  result.agree = std::ranges::all_of(run.evidence.cross_check, &timeline::CrossCheck::agree);
  return result;
}

bool Row::kernels_differ() const {
  const Value* first = nullptr;
  for (const Value& value : values) {
    if (!value.measured) continue;
    if (first && first->text.english != value.text.english) return true;
    first = &value;
  }
  return false;
}

Table table_of(const std::vector<Result>& results, const std::vector<std::string>& kernels) {
  Table table{
      .rows = rows_of(lines_of(results, kernels)), .beside = beside_of(results), .remarks = remarks_of(results)};
  for (const std::string& kernel : kernels) {
    const auto found = std::ranges::find_if(
        results, [&](const Result& result) { return result.kernel == kernel && !result.release.empty(); });
    table.kernels.push_back({kernel, found == results.end() ? "" : found->release});
  }
  return table;
}

}  // namespace zctrace::matrix
