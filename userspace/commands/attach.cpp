#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/running.h"
#include "userspace/commands/support/delivery.h"
#include "userspace/commands/support/option_values.h"
#include "userspace/commands/support/prometheus.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

namespace {

using Clock = std::chrono::steady_clock;

/// `zctrace attach`, as asked for on the command line.
struct AttachRequest {
  std::string pid, seconds, prometheus;
  record::TraceOptions trace;
  Delivery delivery;
  ExpectOptions expected;
};

/// Until the time is over, the person has seen enough, or the process has ended.
void follow(record::ProgramTrace& trace, pid_t pid, std::optional<Clock::duration> time, PrometheusExport& metrics) {
  const Clock::time_point begin = Clock::now();
  while (!InterruptGuard::count()) {
    std::chrono::milliseconds pause(100);
    if (time) {
      const auto left = *time - (Clock::now() - begin);
      if (left <= Clock::duration::zero()) return;
      pause = std::min(pause, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    poll(nullptr, 0, static_cast<int>(pause.count()));  // Ctrl-C ends it
    trace.poll();
    metrics.step(trace);
    if (is_running(pid)) continue;
    std::fprintf(stderr, "zctrace: process %d has exited\n", pid);
    return;
  }
}

void attach(AttachRequest request) {
  const pid_t asked = parse_pid(request.pid);
  const auto time = parse_seconds(request.seconds, "-d");
  record::parse_detail(request.trace.detail);
  if (!request.delivery.json) request.delivery.picture = stdout;
  check_places(request.delivery);
  request.delivery.expectations = Expectations(request.expected);
  const Running process = find_running(asked);

  PrometheusExport metrics(request.prometheus);
  metrics.announce();
  timeline::Document document;
  {
    terminal::Progress progress;
    const InterruptGuard guard;
    record::ProgramTrace trace(request.trace, progress);
    progress.clear();
    trace.follow_running(process);
    follow(trace, process.pid, time, metrics);
    document.run.method = "attach";
    document.run.command = process.command;
    trace.finish(document);
    metrics.finish(document);
  }
  deliver(request.delivery, document);
  request.delivery.expectations.finish();
}

}  // namespace

void add_attach(Command& program) {
  auto request = std::make_shared<AttachRequest>();
  Command command = program.subcommand("attach", "Trace a running process.");
  command
      .option("-p,--pid", request->pid, "Trace this process, its threads and its child processes, running and to come.")
      .value_name("PID")
      .required();
  command.option("-d,--duration", request->seconds, "Stop after SECONDS (default: until Ctrl-C or exit).")
      .value_name("SECONDS");
  add_trace_options(command, request->trace);
  add_stacks_option(command, request->trace);
  add_detail_option(command, request->trace);
  command.option("-o,--output", request->delivery.output, "Write the recording (JSON) to FILE.").value_name("FILE");
  command.option("--report", request->delivery.report, "Write the run as a self-contained HTML page.")
      .value_name("FILE");
  command.option("--prometheus", request->prometheus, exports::kPrometheusHelp).value_name("PLACE");
  add_expect_options(command, request->expected);
  command.flag("--json", request->delivery.json, "Print the recording instead of the picture.");
  command.footer(
      "The process keeps running when tracing ends.\n"
      "\nExamples:\n  zctrace attach -p 4711 -d 10\n  zctrace attach -p 4711 -o server.json --prometheus 9435");
  command.on_call([request] { attach(*request); });
}

}  // namespace zctrace::commands
