#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/interrupt.h"
#include "userspace/commands/filter/flow_options.h"
#include "userspace/commands/support/delivery.h"
#include "userspace/commands/support/follow.h"
#include "userspace/commands/support/option_values.h"
#include "userspace/commands/support/prometheus.h"
#include "userspace/commands/support/target_options.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/confine/privileges.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

namespace {

/// `zctrace attach`, as asked for on the command line.
struct AttachRequest {
  record::TargetRequest targets;
  std::string seconds, prometheus;
  record::TraceOptions trace;
  Delivery delivery;
  ExpectOptions expected;
};

void attach(AttachRequest request) {
  if (request.targets.empty())
    throw Error(ExitStatus::usage, "nothing to trace was given",
                "zctrace attach -p PID, or --comm, --unit, --cgroup, --container or --all");
  const auto time = parse_seconds(request.seconds, "-d");
  record::parse_detail(request.trace.detail);
  take_standard_output(request.delivery);
  if (!request.delivery.json) request.delivery.picture = stdout;
  check_places(request.delivery);
  request.delivery.expectations = Expectations(request.expected);
  const record::Targets targets = record::find_targets(request.targets);

  PrometheusExport metrics(request.prometheus);
  timeline::Document document;
  {
    terminal::Progress progress;
    const InterruptGuard guard;
    record::ProgramTrace trace(request.trace, progress);
    progress.clear();
    trace.follow(targets);
    confine::confine(
        {.kernel_addresses = request.trace.stacks, .places = places_of(request.delivery, metrics)});
    metrics.announce();
    follow(trace, targets, time, std::chrono::milliseconds(100), metrics);
    document.run.method = "attach";
    document.run.command = targets.command;
    trace.finish(document);
    metrics.finish(document);
  }
  deliver(request.delivery, document);
  request.delivery.expectations.finish();
}

}  // namespace

void add_attach(Command& program) {
  auto request = std::make_shared<AttachRequest>();
  Command command = program.subcommand("attach", "Trace running processes.");
  add_target_options(command, request->targets);
  command.option("-d,--duration", request->seconds, "Stop after SECONDS (default: until Ctrl-C or exit).")
      .value_name("SECONDS");
  add_trace_options(command, request->trace);
  add_stacks_option(command, request->trace);
  add_detail_option(command, request->trace);
  command.option("-o,--output", request->delivery.output, "Write the recording (JSON) to FILE (-: standard output).").value_name("FILE");
  command.option("--report", request->delivery.report, "Write the run as a self-contained HTML page.")
      .value_name("FILE");
  command.option("--prometheus", request->prometheus, exports::kPrometheusHelp).value_name("PLACE");
  request->delivery.shown = add_flow_options(command);
  add_expect_options(command, request->expected);
  command.flag("--json", request->delivery.json, "Print the recording instead of the picture.");
  command.footer(
      "The processes keep running when tracing ends.\n"
      "\nExamples:\n  zctrace attach -p 4711 -d 10\n  zctrace attach --unit nginx.service -d 10\n  zctrace attach "
      "--container web --path '*.bin'\n  zctrace attach -p 4711 -o server.json --prometheus 9435");
  command.on_call([request] { attach(*request); });
}

}  // namespace zctrace::commands
