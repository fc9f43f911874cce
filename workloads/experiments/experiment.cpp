#include "workloads/experiments/experiment.h"

#include <nlohmann/json.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/io.h"
#include "workloads/experiments/machine_facts.h"

namespace zctrace::workloads {
namespace {

/// Its children die with it.
void give_up(int) {
  constexpr char text[] = "zctrace-workload: the experiment timed out\n";
  if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) _exit(static_cast<int>(ExitStatus::failed));
  _exit(static_cast<int>(ExitStatus::failed));
}

}  // namespace

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all = {
      {"descriptors", "Find out which pairs of descriptors each call accepts.", 0, 60, ask_descriptors},
      {"visible", "Find out whether the payload is readable in the sender's memory during a transfer.", 0, 180,
       look_for_payload},
      {"sweep", "Time mmap + write against sendfile over a range of sizes.", 30, 120, sweep_sizes},
      {"ab_benchmark", "Time sendfile, with scatter-gather off and on, against splice and against read + write.", 15, 180, run_ab_benchmark},
  };
  return all;
}

void run_experiment(const Experiment& experiment, const ExperimentOptions& options) {
  ExperimentOptions settled = options;
  settled.budget = options.budget.value_or(experiment.budget);
  std::signal(SIGALRM, give_up);
  alarm(static_cast<unsigned>(*settled.budget * 2) + experiment.patience);
  Json document{{"schema", "zctrace.experiment/1"}, {"experiment", experiment.name}, {"kernel", kernel_facts()}};
  experiment.run(settled, document);
  fmt::print("{}\n", document.dump(1));
  if (std::fflush(stdout) != 0) throw system_error("writing the document");
}

void tell_stage(const ExperimentOptions& options, std::string_view stage) {
  // The mark by which a reader of our standard error tells stages from messages.
  if (options.progress) fmt::print(stderr, "\x1eprogress {}\n", stage);
}

}  // namespace zctrace::workloads
