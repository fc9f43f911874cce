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
#include "viz/page/page.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

void add_report(Command& program) {
  struct Options {
    std::vector<std::string> files;
    std::string output;
  };
  Command report = program.subcommand("report", "The runs of timeline files as one self-contained page");
  const auto options = std::make_shared<Options>();
  report.option("FILE", options->files, "timeline documents, - for standard input").required();
  report.option("-o,--output", options->output, "the page, a .html file; else standard output");
  report.on_call([options] {
    auto path = options->output;
    if (path == "-") path.clear();
    if (path.empty() && isatty(STDOUT_FILENO))
      throw Error(ExitStatus::usage, "the page is for a browser, not for a terminal",
                  "zctrace report " + options->files.front() + " -o report.html");
    terminal::Progress progress;
    const page::Settings settings{chosen_language(), ZCTRACE_VERSION,
                                  [&](const Message& stage, double percent) { progress.show(stage, percent); }};
    if (path.empty()) return page::write_page(stdout, options->files, settings);
    keep_recordings(path, options->files);
    OutputFile file(path);
    page::write_page(file.stream(), options->files, settings);
    file.commit();
  });
}

}  // namespace zctrace::commands
