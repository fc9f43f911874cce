#include "userspace/commands/top.h"

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

#include "userspace/commands/attach.h"
#include "userspace/commands/capture_mode.h"
#include "userspace/commands/delivery.h"
#include "userspace/commands/exec.h"
#include "userspace/commands/interrupt.h"
#include "userspace/commands/program_trace.h"
#include "userspace/commands/prometheus.h"
#include "userspace/commands/streams_aside.h"
#include "userspace/commands/top_display.h"
#include "userspace/error.h"
#include "userspace/program/launch.h"
#include "userspace/program/running.h"

namespace zctrace::commands {

namespace {

using Clock = std::chrono::steady_clock;

/// `zctrace top`, as asked for on the command line.
struct TopRequest {
  std::string pid, seconds, interval = "1", prometheus;
  live::Sort sort = live::Sort::rate;
  bool batch = false, once = false;
  TraceOptions trace;
  std::vector<std::string> command;

  TopDisplay::Form form() const {
    if (once) return TopDisplay::Form::once;
    return batch || !live::Screen::possible() ? TopDisplay::Form::lines : TopDisplay::Form::screen;
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
    throw Error(ExitStatus::usage, "--interval takes at least 0.1 seconds");
  Pace pace{*interval, parse_seconds(request.seconds, "-d")};
  if (request.once && !pace.time && request.command.empty()) pace.time = pace.interval;
  return pace;
}

/// Shows the trace until the time is over, the person leaves, or the program has `ended`.
template <class Ended>
void watch(ProgramTrace& trace, const Pace& pace, TopDisplay& display, PrometheusExport& metrics, const Ended& ended) {
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
      const timeline::Evidence copies = trace.copies_evidence();
      display.take(flows, copies, *asked);
      metrics.update(flows, {this_kernel(), copies});
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
void finish(ProgramTrace& trace, TopDisplay& display, PrometheusExport& metrics) {
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
  const program::Running process = program::find_running(parse_pid(request.pid));
  PrometheusExport metrics(request.prometheus);
  Progress progress;
  const InterruptGuard guard;
  ProgramTrace trace(request.trace, progress);
  trace.follow(process.pid, false);
  progress.clear();
  TopDisplay display(request.form(), request.sort, name_of(process.pid, process.command), metrics);
  watch(trace, pace, display, metrics,
        [&] { return InterruptGuard::count() != 0 || !program::is_running(process.pid); });
  finish(trace, display, metrics);
  if (!program::is_running(process.pid)) std::fprintf(stderr, "zctrace: process %d has ended\n", process.pid);
}

/// Its status, once it has ended; it has some time to do so.
int end_command(program::Launch& launch) {
  constexpr int kPatienceMs = 5000;
  kill(launch.pid(), SIGTERM);
  if (const auto status = launch.wait(kPatienceMs)) return *status;
  throw Error(ExitStatus::failed, fmt::format("the command does not end on SIGTERM: process {} runs on", launch.pid()),
              fmt::format("kill -KILL {}", launch.pid()));
}

int top_of_command(const TopRequest& request, const Pace& pace) {
  PrometheusExport metrics(request.prometheus);
  std::optional<StreamsAside> aside(request.form() == TopDisplay::Form::screen);
  program::Launch launch(request.command);
  aside.reset();
  Progress progress;
  ProgramTrace trace(request.trace, progress);
  trace.follow(launch.pid(), true);
  progress.clear();

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
  keep_standard_streams();
  request.command = cut_words();
  if (request.pid.empty() == request.command.empty())
    throw Error(ExitStatus::usage, "which program is to be watched?",
                "zctrace top -p PID, or zctrace top -- COMMAND...");
  const Pace pace = pace_of(request);
  if (!request.pid.empty()) return top_of_running(request, pace);
  const int status = top_of_command(request, pace);
  if (status != 0) throw Passed{status};
}

}  // namespace

void add_top(CLI::App& app) {
  auto request = std::make_shared<TopRequest>();
  request->trace.detail = "none";  // only sums are shown
  CLI::App* command = app.add_subcommand(
      "top",
      "watch what a program moves: zctrace top -p PID | -- COMMAND...\n"
      "On a terminal a view that is drawn anew each interval (h explains it); else a line per flow and interval.\n"
      "A command's standard output goes to /dev/null, and what else of it would reach the view's terminal. "
      "It is ended (SIGTERM) when you leave; its exit status is top's.");
  command->add_option("-p,--pid", request->pid, "its process; all its threads, and what it starts, are followed");
  command->add_option("-d,--duration", request->seconds, "for so many seconds; else until q, Ctrl-C, or its end");
  command->add_option("--interval", request->interval, "seconds from one view to the next")->capture_default_str();
  const std::map<std::string, live::Sort> sorts{
      {"rate", live::Sort::rate}, {"bytes", live::Sort::bytes}, {"copies", live::Sort::copies}};
  command->add_option("--sort", request->sort, "rate (default), bytes, or copies: which flows come first")
      ->transform(CLI::CheckedTransformer(sorts).description(""));
  command->add_flag("--batch", request->batch, "lines, also on a terminal");
  command->add_flag("--once", request->once, "lines once: of one interval or of -d seconds, of a command at its end");
  command->add_option("--prometheus", request->prometheus, live::kPrometheusHelp);
  add_trace_options(*command, request->trace);
  command->remove_option(command->get_option("--detail"));
  command->callback([request] { top(*request); });
}

}  // namespace zctrace::commands
