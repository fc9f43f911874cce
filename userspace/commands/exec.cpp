#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <memory>

#include "base/error.h"
#include "base/io.h"
#include "userspace/capture/capabilities.h"
#include "userspace/commands/exec/exec_in_lab.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/commands/support/prometheus.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/record/capture_mode.h"

namespace zctrace::commands {

namespace {

/// "1000:1000,27": a user and its groups.
Owner parse_owner(const std::string& text) {
  Owner owner;
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
  terminal::Progress progress;
  constexpr pid_t kGuestsFirst = 1;
  Launch launch(request.command, request.owner, record::in_lab() ? kGuestsFirst : 0);
  record::ProgramTrace traced(request.trace, progress);
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
  open_standard_streams();
  if (request.command.empty())
    throw Error(ExitStatus::usage, "which command is to be traced?", "zctrace exec [OPTIONS] -- COMMAND...");
  if (!owner.empty()) request.owner = parse_owner(owner);
  if (!quiet) request.delivery.picture = stderr;
  record::parse_detail(request.trace.detail);
  check_places(request.delivery);
  find_command(request.command[0]);  // what cannot be executed needs no guest to say so
  const std::string kernel = kernel_for(request);
  if (!kernel.empty() && !request.prometheus.empty())
    throw Error(ExitStatus::usage, "--prometheus tells of programs on this machine's kernel, not in the lab",
                "--kernel host, where this kernel may be traced: zctrace doctor");
  const int status = kernel.empty() ? exec_here(request) : exec_in_lab(request, kernel);
  if (status != 0) throw Passed{status};
}

}  // namespace

void add_exec(Command& program, const std::vector<std::string>& traced) {
  struct Arguments {
    ExecRequest request;
    std::string owner;
    bool quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  ExecRequest& request = arguments->request;
  Command command = program.subcommand("exec", "run any program under trace: zctrace exec [OPTIONS] -- COMMAND...");
  command.option("--kernel", request.kernel, "auto (this machine's, if it can trace), host, or a lab kernel")
      .shows_default();
  add_trace_options(command, request.trace);
  add_detail_option(command, request.trace);
  command.option("-o,--output", request.delivery.output, "write the timeline document (JSON) to this file");
  command.option("--report", request.delivery.report, "draw what was measured as a self-contained page (HTML)");
  command.option("--prometheus", request.prometheus, exports::kPrometheusHelp);
  command.flag("--quiet", arguments->quiet, "no picture on standard error");
  // For a zctrace outside the guest.
  command.option("--as", arguments->owner).hidden();
  command.flag("--records", request.delivery.records).hidden();
  command.on_call([arguments, &traced] {
    arguments->request.command = traced;
    exec(arguments->request, arguments->quiet, arguments->owner);
  });
}

}  // namespace zctrace::commands
