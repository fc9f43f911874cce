#include "userspace/commands/compare.h"

#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "userspace/error.h"
#include "userspace/export/comparison_table.h"
#include "userspace/timeline/json_read.h"

namespace zctrace::commands {

void add_compare(CLI::App& app) {
  auto* compare = app.add_subcommand("compare", "The runs of timeline files side by side, their differences marked");
  const auto files = std::make_shared<std::vector<std::string>>();
  compare->add_option("FILE", *files, "timeline documents, - for standard input; the first run is the measure")
      ->required();
  compare->callback([files] {
    std::vector<timeline::Document> runs;
    for (const auto& file : *files) {
      auto more = timeline::read_summaries(file);
      std::move(more.begin(), more.end(), std::back_inserter(runs));
    }
    if (runs.size() < 2)
      throw Error(ExitStatus::usage, files->front() + " holds one run only: nothing to compare it with",
                  "zctrace compare A.json B.json");
    const auto text = exports::comparison_text(runs, exports::style_of(stdout));
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
}

}  // namespace zctrace::commands
