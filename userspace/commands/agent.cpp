#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <poll.h>
#include <sys/prctl.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/interrupt.h"
#include "userspace/commands/support/follow.h"
#include "userspace/commands/support/prometheus.h"
#include "userspace/commands/support/target_options.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/confine/privileges.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

namespace {

/// `zctrace agent`, as asked for on the command line.
struct AgentRequest {
  record::TargetRequest targets;
  std::string prometheus = "9435";
  record::TraceOptions trace;
};

/// What is to be traced may not run yet: a service starts when it starts.
std::optional<record::Targets> wait_for_targets(const record::TargetRequest& request, record::ProgramTrace& trace,
                                                PrometheusExport& metrics) {
  bool said = false;
  for (;;) {
    try {
      return record::find_targets(request);
    } catch (const Error& error) {
      if (error.status != ExitStatus::failed) throw;
      if (!said) std::fprintf(stderr, "zctrace: waiting: %s\n", error.what());
      said = true;
    }
    metrics.step(trace);
    poll(nullptr, 0, 1000);  // a signal ends it
    if (InterruptGuard::count()) return {};
  }
}

void agent(AgentRequest request) {
  if (request.targets.empty()) request.targets.all = true;
  request.trace.detail = "none";
  PrometheusExport metrics = PrometheusExport::of_agent(request.prometheus);
  // It is to stay as small as it is; the kernel would make huge pages of what is hardly used.
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  const InterruptGuard guard;
  terminal::Progress progress;
  // The hooks stay, so that the counters do: what comes back counts on.
  record::ProgramTrace trace(request.trace, progress);
  progress.clear();
  trace.watch_processors();
  confine::confine({.programs = !request.targets.containers.empty(), .places = metrics.places()});
  metrics.announce();
  while (const auto targets = wait_for_targets(request.targets, trace, metrics)) {
    trace.follow(*targets);
    follow(trace, *targets, std::nullopt, std::chrono::milliseconds(250), metrics);
    if (InterruptGuard::count()) return;
  }
}

}  // namespace

void add_agent(Command& program) {
  auto request = std::make_shared<AgentRequest>();
  Command command = program.subcommand("agent", "Trace a machine or its services for Prometheus, until told to end.");
  add_target_options(command, request->targets);
  add_trace_options(command, request->trace);
  command.option("--prometheus", request->prometheus, exports::kPrometheusHelp).value_name("PLACE").shows_default();
  command.footer(
      "Sums only, by program, kind of source, port of destination and method: no names of files, no addresses. Without "
      "a choice of processes it traces all. docs/agent.md has the metrics, rules and alerts, and a systemd unit.\n"
      "\nExamples:\n  zctrace agent\n  zctrace agent --unit nginx.service --prometheus 0.0.0.0:9435");
  command.on_call([request] { agent(*request); });
}

}  // namespace zctrace::commands
