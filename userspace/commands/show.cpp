#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "model/timeline/json_read.h"
#include "userspace/commands/filter/flow_options.h"
#include "viz/terminal/terminal.h"

namespace zctrace::commands {

void add_show(Command& program) {
  Command show = program.subcommand("show", "Show recorded runs in the terminal, as pictures with their figures.");
  const auto files = std::make_shared<std::vector<std::string>>();
  show.option("FILE", *files, "Recordings to show; - reads standard input.").required();
  show.footer("Examples:\n  zctrace show a.json\n  zctrace show a.json b.json --lang zh");
  const auto filter = add_flow_options(show);
  show.on_call([files, filter] {
    const auto style = terminal::style_of(stdout);
    bool first = true;
    for (const auto& file : *files)
      for (auto& document : timeline::read_summaries(file)) {
        if (document.ledger.flows) document.ledger.flows->shown = *filter;
        if (!first) std::fputs("\n", stdout);
        first = false;
        terminal::print_run(document.run, document.ledger, stdout, style);
      }
  });
}

}  // namespace zctrace::commands
