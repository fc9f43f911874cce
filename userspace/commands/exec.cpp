#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>

#include "base/error.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/guest_command.h"
#include "userspace/commands/exec/on_disk.h"
#include "userspace/commands/exec/request.h"
#include "userspace/commands/filter/flow_options.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/commands/support/prometheus.h"
#include "userspace/commands/support/trace_options.h"
#include "userspace/confine/privileges.h"
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
  Launch launch(request.command, request.owner, capture::in_lab() ? kGuestsFirst : 0);
  record::ProgramTrace traced(request.trace, progress);
  traced.follow_from_exec(launch.pid(), request.command.at(0));
  progress.clear();
  confine::confine({.signals = true,
                    .kernel_addresses = request.trace.stacks,
                    .places = places_of(request.delivery, metrics)});
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

int exec_here(ExecRequest& request) {
  put_on_disk(request.lab.on_disk);
  timeline::Document document;
  std::exception_ptr trouble;
  const int status = trace(request, document, trouble);
  // What the command has written is in the guest's memory, too, and may have filled its share of it.
  if (capture::is_guest_command()) setenv("TMPDIR", "/run/zctrace", 1);
  after_command(status, [&] {
    if (trouble) std::rethrow_exception(trouble);
    deliver(request.delivery, document);
  });
  return status;
}

void exec(ExecRequest request, const ExpectOptions& expected, bool quiet, const std::string& owner) {
  if (request.command.empty())
    throw Error(ExitStatus::usage, "no command given", "zctrace exec [OPTIONS] -- COMMAND...");
  if (!owner.empty()) request.owner = parse_owner(owner);
  take_standard_output(request.delivery);
  if (!quiet) request.delivery.picture = stderr;
  record::parse_detail(request.trace.detail);
  check_places(request.delivery);
  request.delivery.expectations = Expectations(expected);
  find_command(request.command[0]);  // what cannot be executed needs no guest to say so
  const std::string kernel = kernel_for(request);
  check_lab_options(request.lab, kernel);
  if (!kernel.empty() && !request.prometheus.empty())
    throw Error(ExitStatus::usage, "--prometheus works on this machine's kernel only, not in the lab",
                "add --kernel host; zctrace doctor shows whether this kernel can be traced");
  if (!kernel.empty() && geteuid() != 0) confine::give_up_all();  // a guest needs none
  const int status = kernel.empty() ? exec_here(request) : exec_in_lab(request, kernel);
  if (status != 0) throw ExitWith{status};
  request.delivery.expectations.finish();
}

/// Options for this zctrace, and not for the one in a guest that traces.
constexpr std::array<std::string_view, 16> kExecForUsAlone{
    "--kernel",  "--append", "--on-disk", "--output",    "--report",  "--prometheus", "--quiet", "--as",
    "--records", "--expect", "--junit",   "--min-bytes", "--process", "--path",       "--port",  "--all-flows"};

}  // namespace

void add_exec(Command& program, const std::vector<std::string>& traced) {
  struct Arguments {
    ExecRequest request;
    ExpectOptions expected;
    std::string owner;
    bool quiet = false;
  };
  auto arguments = std::make_shared<Arguments>();
  ExecRequest& request = arguments->request;
  Command command = program.subcommand("exec", "Run a command under trace.");
  command
      .option("--kernel", request.kernel,
              "Run on auto (this machine if tracing is possible there, otherwise the lab), host, or a lab kernel: "
              "5.10, 6.1, "
              "6.12, 7.2 or an image.")
      .value_name("KERNEL")
      .choices(kernel_choices())
      .shows_default();
  add_append_option(command, request.lab);
  add_on_disk_option(command, request.lab);
  add_trace_options(command, request.trace);
  add_stacks_option(command, request.trace);
  add_detail_option(command, request.trace);
  command.option("-o,--output", request.delivery.output, "Write the recording (JSON) to FILE (-: standard output).").value_name("FILE");
  command.option("--report", request.delivery.report, "Write the run as a self-contained HTML page.")
      .value_name("FILE");
  command.option("--prometheus", request.prometheus, exports::kPrometheusHelp).value_name("PLACE");
  request.delivery.shown = add_flow_options(command);
  add_expect_options(command, arguments->expected);
  command.flag("--quiet", arguments->quiet, "Print no picture on standard error.");
  // For a zctrace outside the guest.
  command.option("--as", arguments->owner).hidden();
  command.flag("--records", request.delivery.records).hidden();
  command.runs_a_command();
  command.footer(
      "The command runs as if started directly; exec exits with its status. Tracing ends when the command exits, even "
      "if "
      "children remain.\n"
      "\nExamples:\n  zctrace exec -- cp big /tmp/copy\n  zctrace exec -o serve.json --kernel 6.12 -- python3 "
      "serve.py");
  command.on_call([arguments, command, &traced] {
    arguments->request.command = traced;
    arguments->request.given = command.given_options(kExecForUsAlone);
    exec(arguments->request, arguments->expected, arguments->quiet, arguments->owner);
  });
}

}  // namespace zctrace::commands
