#include "userspace/commands/exec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <exception>
#include <memory>

#include "userspace/capture/capabilities.h"
#include "userspace/commands/choose_kernel.h"
#include "userspace/commands/exec_in_lab.h"
#include "userspace/commands/prometheus.h"
#include "userspace/error.h"

namespace zctrace::commands {

namespace {

/// What cut_command found.
std::vector<std::string> command_words;

/// "1000:1000,27": a user and its groups.
program::Owner parse_owner(const std::string& text) {
  program::Owner owner;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&](char before) {
    unsigned value = 0;
    if (before && (at == end || *at++ != before)) throw Error(ExitStatus::usage, "--as takes UID:GID,...");
    const auto [stopped, error] = std::from_chars(at, end, value);
    if (error != std::errc{}) throw Error(ExitStatus::usage, "--as takes UID:GID,...");
    at = stopped;
    return value;
  };
  owner.user = number(0);
  owner.groups.push_back(number(':'));
  while (at != end) owner.groups.push_back(number(','));
  return owner;
}

/// The program lives here, and so it runs here, unless this kernel or user may not trace at all.
std::string kernel_for(const ExecRequest& request) {
  if (request.kernel == "auto" && capture::running_kernel().capabilities.can_trace()) return "";
  return choose_kernel(request.kernel, request.trace.copies, false, false);
}

/// Runs it under trace, and fills the document with what was seen until its end, or until seeing went wrong.
int trace(const ExecRequest& request, timeline::Document& document, std::exception_ptr& trouble) {
  PrometheusExport metrics(request.prometheus);
  Progress progress;
  constexpr pid_t kGuestsFirst = 1;
  program::Launch launch(request.command, request.owner, in_lab() ? kGuestsFirst : 0);
  ProgramTrace traced(request.trace, progress);
  traced.follow(launch.pid(), true);
  progress.clear();
  metrics.announce();
  launch.release();
  std::optional<int> status;
  // Whatever happens to the trace, the command runs to its end.
  while (!(status = launch.wait(trouble ? -1 : 100))) {
    try {
      traced.poll();
      metrics.step(traced);
    } catch (...) {
      trouble = std::current_exception();
    }
  }
  document.run.method = "exec";
  document.run.command = request.command;
  if (!trouble) {
    traced.finish(document);
    metrics.finish(document);
  }
  return *status;
}

int exec_here(const ExecRequest& request) {
  timeline::Document document;
  std::exception_ptr trouble;
  const int status = trace(request, document, trouble);
  after_command(status, [&] {
    if (trouble) std::rethrow_exception(trouble);
    deliver(request.delivery, document);
  });
  return status;
}

void exec(ExecRequest request, bool quiet, const std::string& owner) {
  keep_standard_streams();
  request.command = command_words;
  if (request.command.empty())
    throw Error(ExitStatus::usage, "which command is to be traced?", "zctrace exec [OPTIONS] -- COMMAND...");
  if (!owner.empty()) request.owner = parse_owner(owner);
  if (!quiet) request.delivery.picture = stderr;
  parse_detail(request.trace.detail);
  check_places(request.delivery);
  program::find_command(request.command[0]);  // what cannot be executed needs no guest to say so
  const std::string kernel = kernel_for(request);
  if (!kernel.empty() && !request.prometheus.empty())
    throw Error(ExitStatus::usage, "--prometheus tells of programs on this machine's kernel, not in the lab",
                "--kernel host, where this kernel may be traced: zctrace doctor");
  const int status = kernel.empty() ? exec_here(request) : exec_in_lab(request, kernel);
  if (status != 0) throw Passed{status};
}

}  // namespace

const std::vector<std::string>& cut_words() { return command_words; }

void keep_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", O_RDWR | O_CLOEXEC);
}

void add_exec(CLI::App& app) {
  struct Arguments {
    ExecRequest request;
    std::string owner;
    bool quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  ExecRequest& request = arguments->request;
  CLI::App* command = app.add_subcommand("exec", "run any program under trace: zctrace exec [OPTIONS] -- COMMAND...");
  command->add_option("--kernel", request.kernel, "auto (this machine's, if it can trace), host, or a lab kernel")
      ->capture_default_str();
  add_trace_options(*command, request.trace);
  command->add_option("-o,--output", request.delivery.output, "write the timeline document (JSON) to this file");
  command->add_option("--report", request.delivery.report, "draw what was measured as a self-contained page (HTML)");
  command->add_option("--prometheus", request.prometheus, live::kPrometheusHelp);
  command->add_flag("--quiet", arguments->quiet, "no picture on standard error");
  command->add_option("--as", arguments->owner)->group("");  // for a zctrace outside the guest
  command->callback([arguments] { exec(arguments->request, arguments->quiet, arguments->owner); });
}

int cut_command(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* tracer = nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool dashes = word == "--";
    if (tracer && (dashes || !word.starts_with('-'))) {
      command_words.assign(argv + i + (dashes ? 1 : 0), argv + argc);
      return i;
    }
    if (!word.starts_with('-')) {
      if (word != "exec" && word != "top") return argc;
      tracer = app.get_subcommand(word);
      continue;
    }
    const CLI::Option* option = tracer ? tracer->get_option_no_throw(word) : nullptr;
    if (!option) option = app.get_option_no_throw(word);
    if (option && option->get_items_expected_max() > 0) ++i;  // its value
  }
  return argc;
}

}  // namespace zctrace::commands
