#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/launch.h"
#include "model/language/language.h"
#include "model/language/texts.h"
#include "userspace/commands/support/delivery.h"
#include "userspace/commands/support/option_values.h"
#include "userspace/commands/support/prometheus.h"
#include "userspace/commands/support/scoped_dev_null.h"
#include "userspace/commands/support/target_options.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/commands/top/top_display.h"
#include "userspace/confine/privileges.h"
#include "userspace/record/capture_mode.h"
#include "userspace/record/program_trace.h"

namespace zctrace::commands {

namespace {

using Clock = std::chrono::steady_clock;

/// `zctrace top`, as asked for on the command line.
struct TopRequest {
  record::TargetRequest targets;
  std::string seconds, interval = "1", prometheus;
  terminal::Sort sort = terminal::Sort::rate;
  bool batch = false, once = false;
  record::TraceOptions trace;
  std::vector<std::string> command;

  TopDisplay::Form form() const {
    if (once) return TopDisplay::Form::once;
    return batch || !terminal::Screen::possible() ? TopDisplay::Form::lines : TopDisplay::Form::screen;
  }
};

/// When to look and when to stop.
struct Pace {
  Clock::duration interval;
  std::optional<Clock::duration> time;
};

Pace pace_of(const TopRequest& request) {
  const auto interval = parse_seconds(request.interval, "--interval");
  if (!interval || *interval < std::chrono::milliseconds(100))
    throw Error(ExitStatus::usage, "--interval must be at least 0.1 seconds");
  Pace pace{*interval, parse_seconds(request.seconds, "-d")};
  if (request.once && !pace.time && request.command.empty()) pace.time = pace.interval;
  return pace;
}

/// Shows the trace until the time is over, the person leaves, or the program has `ended`.
template <class Ended>
void watch(record::ProgramTrace& trace, const Pace& pace, TopDisplay& display, PrometheusExport& metrics,
           const Ended& ended) {
  constexpr std::chrono::milliseconds kPoll(100);
  const Clock::time_point begin = Clock::now();
  Clock::time_point next = begin;
  std::optional<Clock::time_point> asked;
  for (;;) {
    const Clock::time_point now = Clock::now();
    if (ended() || (pace.time && now - begin >= *pace.time)) return;
    trace.poll();
    if (asked) {
      const timeline::Flows& flows = trace.flows();
      const timeline::EvidenceSet evidence = trace.evidence();
      display.take(flows, evidence, *asked);
      metrics.update(flows, {record::this_kernel(), evidence});
      asked.reset();
    } else if (now >= next) {
      trace.flows();  // what it tells next was moved until now
      asked = now;
      next = std::max(next + pace.interval, now);
    }
    auto pause = std::min<Clock::duration>(kPoll, std::max(next, now + kPoll / 10) - now);
    if (pace.time) pause = std::min(pause, begin + *pace.time - now);
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(pause).count();
    if (!display.wait(static_cast<int>(std::max<decltype(ms)>(ms, 1)))) return;
  }
}

/// What remains of the trace is the sums, on the terminal and for Prometheus.
void finish(record::ProgramTrace& trace, TopDisplay& display, PrometheusExport& metrics) {
  timeline::Document document;
  trace.finish(document);
  metrics.finish(document);
  display.finish(document);
}

/// "4711 python3 server.py"
std::string name_of(pid_t pid, std::vector<std::string> command) {
  command.at(0).erase(0, command[0].rfind('/') + 1);
  return fmt::format("{} {}", pid, fmt::join(command, " "));
}

void top_of_running(const TopRequest& request, const Pace& pace) {
  const record::Targets targets = record::find_targets(request.targets);
  PrometheusExport metrics(request.prometheus);
  terminal::Progress progress;
  const InterruptGuard guard;
  record::ProgramTrace trace(request.trace, progress);
  progress.clear();
  trace.follow(targets);
  confine::confine({.places = metrics.places()});
  const std::string title = targets.all ? std::string(words(Text::live_machine, chosen_language())) : targets.title;
  TopDisplay display(request.form(), request.sort, title, metrics);
  watch(trace, pace, display, metrics, [&] { return InterruptGuard::count() != 0 || !targets.ended().empty(); });
  finish(trace, display, metrics);
  if (const auto ended = targets.ended(); !ended.empty()) std::fprintf(stderr, "zctrace: %s\n", ended.c_str());
}

/// Its status, once it has ended; it has some time to do so.
int end_command(Launch& launch) {
  constexpr int kPatienceMs = 5000;
  kill(launch.pid(), SIGTERM);
  if (const auto status = launch.wait(kPatienceMs)) return *status;
  throw Error(ExitStatus::failed,
              fmt::format("the command did not exit on SIGTERM: process {} is still running", launch.pid()),
              fmt::format("kill -KILL {}", launch.pid()));
}

int top_of_command(const TopRequest& request, const Pace& pace) {
  PrometheusExport metrics(request.prometheus);
  std::optional<ScopedDevNull> dev_null(request.form() == TopDisplay::Form::screen);
  Launch launch(request.command);
  dev_null.reset();
  terminal::Progress progress;
  record::ProgramTrace trace(request.trace, progress);
  trace.follow_from_exec(launch.pid(), request.command.at(0));
  progress.clear();
  confine::confine({.signals = true, .places = metrics.places()});

  std::optional<int> status;
  std::exception_ptr trouble;
  {
    TopDisplay display(request.form(), request.sort, name_of(launch.pid(), request.command), metrics);
    launch.release();
    try {
      watch(trace, pace, display, metrics, [&] { return (status = launch.wait(0)).has_value(); });
      finish(trace, display, metrics);
    } catch (...) {
      trouble = std::current_exception();
    }
  }
  if (!status && !trouble) return end_command(launch);
  // Whatever happens to the trace, the command runs to its end.
  if (!status) status = launch.wait(-1);
  after_command(*status, [&] {
    if (trouble) std::rethrow_exception(trouble);
  });
  return *status;
}

void top(TopRequest request) {
  if (!request.targets.empty() && !request.command.empty())
    throw Error(ExitStatus::usage, "running processes and a command cannot be watched together",
                "zctrace top -p PID, or zctrace top -- COMMAND...");
  const Pace pace = pace_of(request);
  if (request.command.empty()) {
    request.targets.all = request.targets.empty();
    return top_of_running(request, pace);
  }
  const int status = top_of_command(request, pace);
  if (status != 0) throw ExitWith{status};
}

}  // namespace

void add_top(Command& program, const std::vector<std::string>& traced) {
  auto request = std::make_shared<TopRequest>();
  request->trace.detail = "none";  // only sums are shown
  Command command =
      program.subcommand("top", "Watch what programs move, live: of the whole machine, where none are named.");
  add_target_options(command, request->targets);
  command.option("-d,--duration", request->seconds, "Stop after SECONDS (default: until q, Ctrl-C or exit).")
      .value_name("SECONDS");
  command.option("--interval", request->interval, "Refresh every SECONDS.").value_name("SECONDS").shows_default();
  const std::vector<std::pair<std::string, terminal::Sort>> sorts{
      {"rate", terminal::Sort::rate}, {"bytes", terminal::Sort::bytes}, {"copies", terminal::Sort::copies}};
  command.choice("--sort", request->sort, sorts, "Sort flows by rate, bytes or copies.").value_name("KEY");
  command.flag("--batch", request->batch, "Print lines even on a terminal.");
  command.flag("--once", request->once,
               "Print lines once: after one interval, after -d SECONDS, or when the command exits.");
  command.option("--prometheus", request->prometheus, exports::kPrometheusHelp).value_name("PLACE");
  add_trace_options(command, request->trace);
  command.runs_a_command();
  command.footer(
      "On a terminal, a view refreshed every interval (h shows its help). Elsewhere, one line per flow and interval.\n"
      "A command's standard output goes to /dev/null; any other terminal output is discarded while the view is shown. "
      "Quitting sends SIGTERM to the command; top exits with its status.\n"
      "\nExamples:\n  zctrace top\n  zctrace top -p 4711\n  zctrace top --unit nginx.service\n  zctrace top --sort "
      "copies -- ./copy-everything.sh");
  command.on_call([request, &traced] {
    request->command = traced;
    top(*request);
  });
}

}  // namespace zctrace::commands
