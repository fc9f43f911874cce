#include <fmt/core.h>

#include <cctype>
#include <csignal>
#include <functional>

#include "base/command_line.h"
#include "base/error.h"
#include "base/units.h"
#include "workloads/experiments/commands.h"
#include "workloads/net/offload.h"
#include "workloads/run/selftest.h"
#include "workloads/run/sender.h"
#include "workloads/run/sink.h"
#include "workloads/run/whole_run.h"

namespace {

using namespace zctrace;
using namespace zctrace::workloads;

const Method& method_named(const std::string& name) {
  if (const Method* method = find_method(name)) return *method;
  std::string known;
  for (const Method& method : methods()) known += fmt::format("{}{}", known.empty() ? "" : ", ", method.name);
  throw Error(ExitStatus::usage, fmt::format("unknown method '{}'", name), "use one of " + known);
}

void add_sizes(Command& command, std::string& size, std::string& chunk) {
  command.option("--size", size, "Transfer the first SIZE bytes, such as 4MiB.").value_name("SIZE");
  command.option("--chunk", chunk, "Transfer SIZE bytes per round.").value_name("SIZE").shows_default();
}

/// `zctrace-workload METHOD ...`: one command for each method.
void add_senders(Command& program) {
  struct Given {
    SenderOptions sender;
    std::string size, chunk = "64KiB";
  };
  for (const Method& method : methods()) {
    std::string summary = fmt::format("{} ({}).", method.summary, method.calls);
    summary[0] = static_cast<char>(std::toupper(summary[0]));
    Command command = program.subcommand(method.name, summary);
    auto given = std::make_shared<Given>();
    given->sender.method = &method;
    command.option("--source", given->sender.source, "Send FILE.").value_name("FILE").required();
    add_sizes(command, given->size, given->chunk);
    command
        .option("--to", given->sender.sinks,
                "Send to ADDRESS:PORT of a sink, or into a file or pipe (with a slash). tee takes two.")
        .value_name("SINK")
        .required();
    command.option("--gate", given->sender.gate, "Wait on descriptor FD before the transfer.").value_name("FD");
    const std::string call = fmt::format("  zctrace-workload {} --source FILE", method.name);
    command.flag("--stay", given->sender.stays, "Stay when all has arrived, until killed.");
    const bool two = method.sinks > 1;
    std::string examples = "Examples:";
    const bool to_network = takes(method, "loopback");
    for (const char* place :
         {to_network ? "127.0.0.1:4000" : "/tmp/copy", takes(method, "file") ? "/tmp/other" : "10.0.0.2:4000"})
      examples += fmt::format("\n{} --to {}{}", call, place, two ? fmt::format(" --to {}1", place) : "");
    command.footer(examples);
    command.on_call([given] {
      if (!given->size.empty()) given->sender.size = parse_size_option(given->size, "--size");
      given->sender.chunk = parse_size_option(given->chunk, "--chunk");
      run_sender(given->sender);
    });
  }
}

void add_sink(Command& program) {
  Command command = program.subcommand("sink", "Receive one transfer and hash it.");
  auto sink = std::make_shared<SinkOptions>();
  Command from = command.one_needed();
  from.option("--listen", sink->address, "Listen on this IPv4 address.").value_name("ADDRESS");
  from.option("--from", sink->from, "Read this pipe instead.").value_name("PIPE");
  command.option("--receive", sink->method, "Receive as METHOD does.").value_name("METHOD");
  auto chunk = std::make_shared<std::string>("256KiB");
  command.option("--chunk", *chunk, "Receive SIZE bytes per round.").value_name("SIZE").shows_default();
  command.option("--workdir", sink->work_directory, "Put what is received into a file in DIR, with recv_splice.")
      .value_name("DIR");
  command.option("--report", sink->report, "Report to descriptor FD instead of standard output.").value_name("FD");
  command.option("--counter", sink->counter, "Count the bytes in the shared memory of descriptor FD.").value_name("FD");
  command.flag("--stay", sink->stays, "Hash nothing, and stay at the end, until killed.");
  command.flag("--tls", sink->opens, "Open the TLS records that arrive, and hash what they hold.");
  command.footer("Examples:\n  zctrace-workload sink --listen 127.0.0.1\n  zctrace-workload sink --from /tmp/pipe");
  command.on_call([sink, chunk] {
    sink->chunk = parse_size_option(*chunk, "--chunk");
    run_sink(*sink);
  });
}

void add_whole_run(Command& program) {
  struct Given {
    RunOptions run;
    std::string method, size, chunk = "64KiB", offload;
    bool warm = false;
  };
  Command command = program.subcommand("run", "Run a whole transfer: file, path, sinks, sender, verification.");
  auto given = std::make_shared<Given>();
  command.option("METHOD", given->method, "Name of the transfer method.").required();
  add_sizes(command, given->size, given->chunk);
  command.option("--path", given->run.path, "Send over loopback, veth or nic, or into a file or a pipe.")
      .value_name("PATH")
      .one_of({"auto", "loopback", "veth", "nic", "file", "pipe"})
      .shows_default();
  command.option("--offload", given->offload, "Switch features of the sending device, such as sg=off,tso=off.")
      .value_name("LIST");
  command.option("--file", given->run.source.file, "Transfer FILE instead of a generated file.").value_name("FILE");
  command.option("--workdir", given->run.source.work_directory, "Put the generated file in DIR.")
      .value_name("DIR")
      .shows_default();
  command.flag("--warm", given->warm, "Read the file into the page cache first.");
  command.footer(
      "Examples:\n  zctrace-workload run sendfile\n  zctrace-workload run splice --size 64MiB --path loopback --warm");
  command.on_call([given] {
    given->run.method = &method_named(given->method);
    if (!given->size.empty()) given->run.source.size = parse_size_option(given->size, "--size");
    given->run.chunk = parse_size_option(given->chunk, "--chunk");
    given->run.offload = parse_offload(given->offload);
    given->run.source.cache = given->warm ? Cache::warm : Cache::cold;
    run_whole(given->run);
  });
}

void add_selftest(Command& program) {
  Command command = program.subcommand("selftest", "Make every hook fire once.");
  auto selftest = std::make_shared<SelftestOptions>();
  command.option("--gate", selftest->gate, "Wait on descriptor FD before starting.").value_name("FD");
  command.option("--workdir", selftest->work_directory, "Put small unlinked files in DIR.")
      .value_name("DIR")
      .shows_default();
  command.footer("Examples:\n  zctrace-workload selftest\n  zctrace-workload selftest --workdir /var/tmp");
  command.on_call([selftest] { run_selftest(*selftest); });
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error line, not a silent death
  CommandLine line(
      "zctrace-workload",
      "Move a file over TCP, or into a file or a pipe, by one transfer method. Works without any tracing.");
  Command program = line.root();
  add_senders(program);
  add_sink(program);
  add_whole_run(program);
  add_selftest(program);
  add_experiments(program);
  program.footer("Examples:\n  zctrace-workload run sendfile\n  zctrace-workload experiment descriptors");
  try {
    line.run(argc, argv);
  } catch (const Error& error) {
    fmt::print(stderr, "zctrace-workload: {}\n", error.what());
    if (!error.hint.empty()) fmt::print(stderr, "  hint: {}\n", error.hint);
    return static_cast<int>(error.status);
  }
  return 0;
}
