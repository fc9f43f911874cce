#include "viz/terminal/matrix_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"
#include "model/language/texts.h"

namespace zctrace::terminal {

namespace {

using matrix::Row;
using matrix::Table;

using Lines = std::vector<std::vector<std::string>>;

/// The row's values and the kernels of each: "all" of those that have a value.
std::vector<std::pair<std::string, std::string>> values_of(const Table& table, const Row& row, Language language) {
  std::vector<std::string> values;
  std::map<std::string, std::vector<std::string>> kernels;
  for (size_t column = 0; column < row.values.size(); ++column) {
    const std::string& value = row.values[column].text.in(language);
    if (value.empty()) continue;
    if (!kernels.contains(value)) values.push_back(value);
    kernels[value].push_back(table.kernels[column].kernel);
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& value : values) {
    const auto& those = kernels[value];
    const bool all = values.size() == 1 && those.size() == table.kernels.size() && those.size() > 1;
    pairs.emplace_back(value, all ? say(language, Text::matrix_all_kernels) : fmt::format("{}", fmt::join(those, " ")));
  }
  return pairs;
}

Lines lines_of(const Table& table, Language language) {
  Lines lines{{say(language, Text::matrix_method), say(language, Text::matrix_path), say(language, Text::matrix_copies),
               say(language, Text::matrix_kernels), say(language, Text::matrix_settings)}};
  for (const Row& row : table.rows) {
    bool first = true;
    for (const auto& [value, kernels] : values_of(table, row, language)) {
      lines.push_back({row.method, row.path, value, kernels, first ? row.settings.in(language) : ""});
      first = false;
    }
  }
  return lines;
}

}  // namespace

std::string matrix_text(const Table& table, const Style& style) {
  const Language language = style.language;
  const Lines lines = lines_of(table, language);
  std::vector<int> widths(lines[0].size());
  for (const auto& line : lines)
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns(line[i]));
  int before_last = 0;
  for (size_t i = 0; i + 1 < widths.size(); ++i) before_last += widths[i] + 2;
  const int last = std::max(style.width - before_last, 20);
  std::string text;
  const auto put = [&](const std::string& line) { text += paint(line, Ink::plain, style) + '\n'; };
  put(say(language, Text::matrix_heading));
  put("");
  for (const auto& line : lines) {
    std::string begin;
    for (size_t i = 0; i + 1 < line.size(); ++i) begin += pad(line[i], widths[i] + 2);
    std::vector<std::string> parts = wrap(line.back(), last);
    if (parts.empty()) parts.emplace_back();
    for (const std::string& part : parts) {
      std::string whole = begin + part;
      whole.erase(whole.find_last_not_of(' ') + 1);
      put(whole);
      begin = std::string(static_cast<size_t>(before_last), ' ');
    }
  }
  if (!table.beside.empty() || !table.remarks.empty()) put("");
  for (const Words& line : table.beside) put("◈ " + line.in(language));
  for (const Words& remark : table.remarks) put(remark.in(language));
  return text;
}

}  // namespace zctrace::terminal
