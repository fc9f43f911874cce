#include "workloads/experiments/commands.h"

#include <memory>

#include "workloads/experiments/experiment.h"

namespace zctrace::workloads {

void add_experiments(CLI::App& app) {
  CLI::App* group = app.add_subcommand("experiment", "ask the kernel a question, print a JSON document");
  group->require_subcommand(1);
  for (const Experiment& experiment : experiments()) {
    CLI::App* command = group->add_subcommand(experiment.name, experiment.summary);
    auto options = std::make_shared<ExperimentOptions>();
    command->add_option("--workdir", options->work_directory, "for its unlinked files");
    command->add_flag("--progress", options->progress, "tell the stages on standard error");
    command->callback([options, &experiment] { run_experiment(experiment, *options); });
  }
}

}  // namespace zctrace::workloads
