#include "model/matrix/files.h"

#include <fmt/format.h>

#include "model/language/texts.h"
#include "model/timeline/names.h"

namespace zctrace::matrix {

std::string markdown_of(const Table& table, Language language) {
  std::string text = say(language, Text::matrix_heading) + "\n";
  text += say(language, Text::matrix_measured, table.measured) + "\n\n";
  std::string head = fmt::format("| {} | {} |", say(language, Text::matrix_method), say(language, Text::matrix_path));
  std::string rule = "|---|---|";
  for (const Column& column : table.kernels) {
    head += ' ' + (column.release.empty() ? column.kernel : column.release) + " |";
    rule += "---|";
  }
  text += head + ' ' + say(language, Text::matrix_settings) + " |\n" + rule + "---|\n";
  for (const Row& row : table.rows) {
    text += fmt::format("| {} | {} |", row.method, row.path);
    for (const Value& value : row.values) text += ' ' + value.text.in(language) + " |";
    text += ' ' + row.settings.in(language) + " |\n";
  }
  if (!table.beside.empty() || !table.remarks.empty()) text += '\n';
  for (const Words& line : table.beside) text += "- ◈ " + line.in(language) + '\n';
  for (const Words& remark : table.remarks) text += "- " + remark.in(language) + '\n';
  return text;
}

std::string csv_of(const std::vector<Result>& results) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.6f}", *value) : "unknown";
  };
  const auto quoted = [](std::string words) {
    for (size_t at = 0; (at = words.find('"', at)) != words.npos; at += 2) words.insert(at, "\"");
    return '"' + words + '"';
  };
  std::string text = "kernel,release,method,path,offload,cache,sender,receiver,beside,evidence,counts,reason\n";
  for (const Result& result : results) {
    const bool measured = result.skipped.empty() && result.failed.empty();
    const bool received = result.cell.path != "file";
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", result.kernel, result.release, result.cell.method,
                        result.cell.path, quoted(result.cell.offload), result.cell.warm ? "warm" : "cold",
                        measured ? number(result.sender) : "", measured && received ? number(result.receiver) : "",
                        quoted(result.beside.english), measured ? timeline::text(result.evidence) : "",
                        measured ? (result.agree ? "agree" : "disagree") : "",
                        quoted(result.skipped.empty() ? result.failed : result.skipped));
  }
  return text;
}

}  // namespace zctrace::matrix
