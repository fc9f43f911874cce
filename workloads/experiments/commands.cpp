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
    {"sweep", "--most", "the largest size (1GiB)", &ExperimentOptions::most},
    {"ab_benchmark", "--size", "bytes per transfer (16MiB)", &ExperimentOptions::size},
    {"ab_benchmark", "--chunk", "bytes per round (64KiB)", &ExperimentOptions::chunk},
};

}  // namespace

void add_experiments(Command& program) {
  Command discard = program.subcommand("discard", "receive and discard, one connection after the other");
  auto discarding = std::make_shared<DiscardOptions>();
  discard.option("--listen", discarding->address, "IPv4 address to listen on").required();
  discard.option("--receive-buffer", discarding->receive_buffer, "bytes of socket buffer");
  discard.option("--report", discarding->report, "say the port to this descriptor").required();
  discard.on_call([discarding] { run_discard(*discarding); });

  Command group = program.subcommand("experiment", "ask the kernel a question, print a JSON document");
  group.needs_subcommand();
  for (const Experiment& experiment : experiments()) {
    Command command = group.subcommand(experiment.name, experiment.summary);
    auto options = std::make_shared<ExperimentOptions>();
    command.option("--workdir", options->work_directory, "for its unlinked files");
    command.flag("--progress", options->progress, "tell the stages on standard error");
    auto sizes = std::make_shared<std::map<std::string, std::string>>();
    if (experiment.budget > 0) {
      command.option("--budget", options->budget, fmt::format("seconds to spend ({})", experiment.budget))
          .between(0.1, 3600.0);
    }
    for (const Size& size : kSizes) {
      if (size.of == experiment.name) command.option(size.option, (*sizes)[size.option], size.what);
    }
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
