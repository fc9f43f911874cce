#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "base/interrupt.h"
#include "base/output_file.h"
#include "model/language/texts.h"
#include "model/tour/tour.h"
#include "userspace/commands/learn/learn_runs.h"
#include "userspace/commands/learn/learn_terminal.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/lab/kernel.h"
#include "viz/page/page.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {
namespace {

struct LearnOptions {
  std::string kernel = "auto", from, report;
  size_t step = 1;
};

/// The page of the tour and of all its runs.
void write_tour(TourRuns& runs, const std::string& path) {
  std::vector<std::string> names, files;
  for (const auto& run : tour::built_in().runs) names.push_back(run.name);
  runs.wait_for(names);
  std::erase_if(names, [&](const std::string& name) { return runs.file(name).empty(); });
  for (const auto& name : names) files.push_back(runs.file(name));
  keep_recordings(path, files);
  OutputFile page(path);
  terminal::Progress progress;
  page::Settings settings{chosen_language(), ZCTRACE_VERSION,
                          [&](const Message& stage, double percent) { progress.show(stage, percent); }};
  settings.experiments = names;
  settings.tour = &tour::built_in();
  settings.recorded = {runs.recorded(Language::english), runs.recorded(Language::chinese)};
  page::write_page(page.stream(), files, settings);
  page.commit();
}

void learn(const LearnOptions& options) {
  // What is wrong is said before there is something to read.
  if (!options.report.empty()) check_place(options.report, "--report");
  if (options.kernel != "auto" && options.kernel != "host") lab::find_kernel(options.kernel);
  const InterruptGuard guard;
  const auto runs = options.from.empty() ? measured_runs(options.kernel) : recorded_runs(options.from);
  if (!options.report.empty()) return write_tour(*runs, options.report);
  const bool person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
  (person ? tour_on_terminal : tour_as_text)(*runs, options.step - 1);
}

}  // namespace

void add_learn(Command& program) {
  Command command = program.subcommand("learn", "Take a guided tour: predict, measure, see why.");
  const auto options = std::make_shared<LearnOptions>();
  command
      .option("--kernel", options->kernel, "Measure on auto, host, or a lab kernel: 5.10, 6.1, 6.12, 7.2 or an image.")
      .value_name("KERNEL")
      .choices(kernel_choices())
      .shows_default();
  command.option("--step", options->step, "Start at this step.")
      .value_name("NUMBER")
      .between(1, static_cast<double>(tour::built_in().steps.size()))
      .shows_default();
  command.option("--report", options->report, "Write the tour as a self-contained HTML page instead.")
      .value_name("FILE");
  // For the tests, and for teaching where there is no lab: documents that were measured before.
  command.option("--from", options->from).hidden();
  command.footer("Examples:\n  zctrace learn\n  zctrace learn --step 6 --lang zh\n  zctrace learn --report tour.html");
  command.on_call([options] { learn(*options); });
}

}  // namespace zctrace::commands
