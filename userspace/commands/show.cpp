#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "model/timeline/json_read.h"
#include "userspace/commands/filter/flow_options.h"
#include "viz/terminal/style.h"
#include "viz/terminal/terminal.h"

namespace zctrace::commands {
namespace {

/// As head and tail tell several files apart.
void head(const std::string& file, bool below, const terminal::Style& style) {
  const auto line = terminal::paint("==> " + (file == "-" ? "standard input" : file) + " <==", terminal::Ink::strong, style);
  std::fprintf(stdout, "%s%s\n", below ? "\n" : "", line.c_str());
}

}  // namespace

void add_show(Command& program) {
  Command show = program.subcommand("show", "Show recorded runs in the terminal, as pictures with their figures.");
  const auto files = std::make_shared<std::vector<std::string>>();
  show.option("FILE", *files, "Recordings to show; - reads standard input.").required();
  show.footer("Examples:\n  zctrace show a.json\n  zctrace show a.json b.json --lang zh");
  const auto filter = add_flow_options(show);
  show.on_call([files, filter] {
    const auto style = terminal::style_of(stdout);
    const bool several = files->size() > 1;
    for (const auto& file : *files) {
      if (several) head(file, &file != &files->front(), style);
      bool again = false;
      for (auto& document : timeline::read_summaries(file)) {
        if (document.ledger.flows) document.ledger.flows->shown = *filter;
        if (again) std::fputs("\n", stdout);
        again = true;
        terminal::print_run(document.run, document.ledger, stdout, style);
      }
    }
    std::fflush(stdout);
    if (several && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
      std::fputs("next: zctrace compare, with the same files, sets them side by side\n", stderr);
  });
}

}  // namespace zctrace::commands
