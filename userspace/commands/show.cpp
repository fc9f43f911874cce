#include "userspace/commands/show.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "userspace/export/terminal.h"
#include "userspace/timeline/json_read.h"

namespace zctrace::commands {

void add_show(CLI::App& app) {
  auto* show = app.add_subcommand("show", "The runs of a timeline file, as pictures with their figures");
  const auto files = std::make_shared<std::vector<std::string>>();
  show->add_option("FILE", *files, "timeline documents, - for standard input")->required();
  show->callback([files] {
    const auto style = exports::style_of(stdout);
    bool first = true;
    for (const auto& file : *files)
      for (const auto& document : timeline::read_summaries(file)) {
        if (!first) std::fputs("\n", stdout);
        first = false;
        exports::print_run(document.run, document.ledger, stdout, style);
      }
  });
}

}  // namespace zctrace::commands
