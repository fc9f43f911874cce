#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/summary/figure_rows.h"
#include "model/summary/sentences.h"
#include "model/timeline/json_read.h"
#include "model/timeline/names.h"
#include "viz/terminal/comparison_table.h"

namespace zctrace::commands {
namespace {

/// {"runs": [{"title", "method", "kernel", "where"}], "figures": [{"id", "section", "label", "differs", "values":
/// [{"number", "text", "evidence", "ratio"}]}]}, a value for each run: number in the base unit (bytes, ns), null where
/// it is unknown; ratio to the first run's, null where one of them is 0 or unknown.
nlohmann::ordered_json json_of(std::span<const timeline::Measured> runs) {
  using Json = nlohmann::ordered_json;
  const auto known = [](const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); };
  Json heads = Json::array(), figures = Json::array();
  for (const auto& [run, ledger] : runs)
    heads.push_back({{"title", summary::full_title(run, Language::english)},
                     {"method", run.method},
                     {"kernel", run.kernel.release},
                     {"where", run.kernel.where}});
  for (const auto& row : summary::figure_rows(runs, Language::english)) {
    Json values = Json::array();
    for (const auto& cell : row.cells)
      values.push_back({{"number", known(cell.number)},
                        {"text", cell.value},
                        {"evidence", timeline::text(cell.evidence)},
                        {"ratio", known(cell.ratio)}});
    figures.push_back({{"id", row.head.id},
                       {"section", row.head.section},
                       {"label", row.head.label},
                       {"differs", row.differs},
                       {"values", std::move(values)}});
  }
  return {{"runs", std::move(heads)}, {"figures", std::move(figures)}};
}

}  // namespace

void add_compare(Command& program) {
  Command compare = program.subcommand("compare", "Compare recorded runs side by side and mark the differences.");
  const auto files = std::make_shared<std::vector<std::string>>();
  compare.option("FILE", *files, "Recordings to compare; - reads standard input. The first run is the baseline.")
      .required();
  const auto json = std::make_shared<bool>(false);
  compare.flag("--json", *json, "Print all figures as JSON, in English.");
  compare.footer(
      "Examples:\n  zctrace compare read_write.json sendfile.json\n  zctrace compare old.json new.json --lang zh\n"
      "  zctrace compare old.json new.json --json");
  compare.on_call([files, json] {
    std::vector<timeline::Measured> runs;
    for (const auto& file : *files)
      for (auto& document : timeline::read_summaries(file))
        runs.push_back({std::move(document.run), std::move(document.ledger)});
    if (runs.size() < 2)
      throw Error(ExitStatus::usage, files->front() + " holds only one run, so there is nothing to compare it with",
                  "zctrace compare A.json B.json");
    if (*json) return fmt::print("{}\n", json_of(runs).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    const auto text = terminal::comparison_text(runs, terminal::style_of(stdout));
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
}

}  // namespace zctrace::commands
