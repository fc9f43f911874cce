#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/timeline/json_read.h"
#include "viz/terminal/comparison_table.h"

namespace zctrace::commands {

void add_compare(Command& program) {
  Command compare = program.subcommand("compare", "Compare recorded runs side by side and mark the differences.");
  const auto files = std::make_shared<std::vector<std::string>>();
  compare.option("FILE", *files, "Recordings to compare; - reads standard input. The first run is the baseline.")
      .required();
  compare.footer(
      "Examples:\n  zctrace compare read_write.json sendfile.json\n  zctrace compare old.json new.json --lang zh");
  compare.on_call([files] {
    std::vector<timeline::Measured> runs;
    for (const auto& file : *files)
      for (auto& document : timeline::read_summaries(file))
        runs.push_back({std::move(document.run), std::move(document.ledger)});
    if (runs.size() < 2)
      throw Error(ExitStatus::usage, files->front() + " holds only one run, so there is nothing to compare it with",
                  "zctrace compare A.json B.json");
    const auto text = terminal::comparison_text(runs, terminal::style_of(stdout));
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
}

}  // namespace zctrace::commands
