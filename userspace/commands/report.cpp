#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/output_file.h"
#include "model/language/language.h"
#include "userspace/commands/filter/flow_options.h"
#include "viz/page/page.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

void add_report(Command& program) {
  struct Options {
    std::vector<std::string> files;
    std::string output;
  };
  Command report = program.subcommand("report", "Draw recorded runs as one self-contained HTML page.");
  const auto options = std::make_shared<Options>();
  report.option("FILE", options->files, "Recordings to draw; - reads standard input.").required();
  report.option("-o,--output", options->output, "Write the page to FILE (default: standard output).")
      .value_name("FILE");
  report.footer("Examples:\n  zctrace report a.json -o a.html\n  zctrace report a.json b.json -o both.html --lang zh");
  const auto filter = add_flow_options(report);
  report.on_call([options, filter] {
    auto path = options->output;
    if (path == "-") path.clear();
    if (path.empty() && isatty(STDOUT_FILENO))
      throw Error(ExitStatus::usage, "the page is HTML and is not written to a terminal",
                  "zctrace report " + options->files.front() + " -o report.html");
    terminal::Progress progress;
    page::Settings settings{chosen_language(), ZCTRACE_VERSION,
                            [&](const Message& stage, double percent) { progress.show(stage, percent); }};
    settings.shown = *filter;
    if (path.empty()) return page::write_page(stdout, options->files, settings);
    keep_recordings(path, options->files);
    OutputFile file(path);
    page::write_page(file.stream(), options->files, settings);
    file.commit();
  });
}

}  // namespace zctrace::commands
