#include "userspace/commands/attach.h"

#include <fmt/format.h>
#include <poll.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "userspace/commands/delivery.h"
#include "userspace/commands/interrupt.h"
#include "userspace/commands/program_trace.h"
#include "userspace/commands/prometheus.h"
#include "userspace/error.h"
#include "userspace/program/running.h"

namespace zctrace::commands {

namespace {

using Clock = std::chrono::steady_clock;

/// `zctrace attach`, as asked for on the command line.
struct AttachRequest {
  std::string pid, seconds, prometheus;
  TraceOptions trace;
  Delivery delivery;
};

template <typename Number>
std::optional<Number> parse_positive(const std::string& text) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || !(value > 0)) return {};
  return value;
}

/// Until the time is over, the person has seen enough, or the process has ended.
void follow(ProgramTrace& trace, pid_t pid, std::optional<Clock::duration> time, PrometheusExport& metrics) {
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
    if (program::is_running(pid)) continue;
    std::fprintf(stderr, "zctrace: process %d has ended\n", pid);
    return;
  }
}

void attach(AttachRequest request) {
  const pid_t asked = parse_pid(request.pid);
  const auto time = parse_seconds(request.seconds, "-d");
  parse_detail(request.trace.detail);
  if (!request.delivery.json) request.delivery.picture = stdout;
  check_places(request.delivery);
  const program::Running process = program::find_running(asked);

  PrometheusExport metrics(request.prometheus);
  metrics.announce();
  timeline::Document document;
  {
    Progress progress;
    const InterruptGuard guard;
    ProgramTrace trace(request.trace, progress);
    trace.follow(process.pid, false);
    progress.clear();
    follow(trace, process.pid, time, metrics);
    document.run.method = "attach";
    document.run.command = process.command;
    trace.finish(document);
    metrics.finish(document);
  }
  deliver(request.delivery, document);
}

}  // namespace

pid_t parse_pid(const std::string& text) {
  if (const auto pid = parse_positive<pid_t>(text)) return *pid;
  throw Error(ExitStatus::usage, "-p takes the number of a process, not '" + text + "'",
              "pgrep -a NAME lists those there are");
}

std::optional<Clock::duration> parse_seconds(const std::string& text, const std::string& option) {
  if (text.empty()) return {};
  constexpr double kMost = 1e9;
  const auto seconds = parse_positive<double>(text.ends_with('s') ? text.substr(0, text.size() - 1) : text);
  if (!seconds || *seconds > kMost)
    throw Error(ExitStatus::usage, option + " takes a number of seconds, such as 10 or 0.5, not '" + text + "'");
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

void add_attach(CLI::App& app) {
  auto request = std::make_shared<AttachRequest>();
  CLI::App* command = app.add_subcommand("attach", "trace a running program: zctrace attach -p PID [-d SECONDS]");
  command->add_option("-p,--pid", request->pid, "its process; all its threads, and what it starts, are followed")
      ->required();
  command->add_option("-d,--duration", request->seconds, "for so many seconds; else until Ctrl-C, or its end");
  add_trace_options(*command, request->trace);
  command->add_option("-o,--output", request->delivery.output, "write the timeline document (JSON) to this file");
  command->add_option("--report", request->delivery.report, "draw what was measured as a self-contained page (HTML)");
  command->add_option("--prometheus", request->prometheus, live::kPrometheusHelp);
  command->add_flag("--json", request->delivery.json, "print the document instead of the picture");
  command->callback([request] { attach(*request); });
}

}  // namespace zctrace::commands
