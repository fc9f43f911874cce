#include "workloads/experiments/commands.h"

#include <fmt/core.h>

#include <map>
#include <memory>

#include "base/command_line.h"
#include "base/units.h"
#include "workloads/experiments/benchmark.h"
#include "workloads/experiments/experiment.h"

namespace zctrace::workloads {
namespace {

/// The options that are sizes.
struct Size {
  std::string_view of;  ///< the experiment's name
  const char* option;
  const char* what;
  uint64_t ExperimentOptions::*to;
};

constexpr Size kSizes[] = {
    {"sweep", "--most", "Stop at SIZE (default: 1GiB).", &ExperimentOptions::most},
    {"ab_benchmark", "--size", "Transfer SIZE bytes each time (default: 16MiB).", &ExperimentOptions::size},
    {"ab_benchmark", "--chunk", "Transfer SIZE bytes per round (default: 64KiB).", &ExperimentOptions::chunk},
};

}  // namespace

void add_experiments(Command& program) {
  Command discard = program.subcommand("discard", "Receive and discard, one connection after the other.");
  auto discarding = std::make_shared<DiscardOptions>();
  discard.option("--listen", discarding->address, "Listen on this IPv4 address.").value_name("ADDRESS").required();
  discard.option("--receive-buffer", discarding->receive_buffer, "Set the socket's receive buffer to BYTES.")
      .value_name("BYTES");
  discard.option("--report", discarding->report, "Write the port number to descriptor FD.").value_name("FD").required();
  discard.footer(
      "Examples:\n  zctrace-workload discard --listen 127.0.0.1 --report 1\n"
      "  zctrace-workload discard --listen 127.0.0.1 --report 1 --receive-buffer 65536");
  discard.on_call([discarding] { run_discard(*discarding); });

  Command group = program.subcommand("experiment", "Run one experiment and print its result as JSON.");
  group.needs_subcommand();
  group.footer("Examples:\n  zctrace-workload experiment descriptors\n  zctrace-workload experiment sweep --budget 10");
  for (const Experiment& experiment : experiments()) {
    Command command = group.subcommand(experiment.name, experiment.summary);
    auto options = std::make_shared<ExperimentOptions>();
    command.option("--workdir", options->work_directory, "Put unlinked files in DIR.")
        .value_name("DIR")
        .shows_default();
    command.flag("--progress", options->progress, "Report the stages on standard error.");
    auto sizes = std::make_shared<std::map<std::string, std::string>>();
    if (experiment.budget > 0) {
      command.option("--budget", options->budget, fmt::format("Spend about SECONDS (default: {}).", experiment.budget))
          .value_name("SECONDS")
          .between(0.1, 3600.0);
    }
    for (const Size& size : kSizes) {
      if (size.of == experiment.name) command.option(size.option, (*sizes)[size.option], size.what).value_name("SIZE");
    }
    const std::string call = fmt::format("  zctrace-workload experiment {}", experiment.name);
    command.footer("Examples:\n" + call + "\n" + call + " --workdir /var/tmp --progress");
    command.on_call([options, sizes, &experiment] {
      for (const Size& size : kSizes) {
        if (const std::string& given = (*sizes)[size.option]; !given.empty()) {
          (*options).*size.to = parse_size_option(given, size.option);
        }
      }
      run_experiment(experiment, *options);
    });
  }
}

}  // namespace zctrace::workloads
