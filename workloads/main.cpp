#include <fmt/core.h>

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
  throw Error(ExitStatus::usage, fmt::format("there is no method '{}'", name), "one of " + known);
}

void add_sizes(Command& command, std::string& size, std::string& chunk) {
  command.option("--size", size, "bytes from the file's start, such as 4MiB");
  command.option("--chunk", chunk, "bytes per round (64KiB)");
}

/// `zctrace-workload METHOD ...`: one command for each method.
void add_senders(Command& program) {
  struct Given {
    SenderOptions sender;
    std::string size, chunk = "64KiB";
  };
  for (const Method& method : methods()) {
    Command command = program.subcommand(method.name, fmt::format("{} ({})", method.summary, method.calls));
    auto given = std::make_shared<Given>();
    given->sender.method = &method;
    command.option("--source", given->sender.source, "the file to send").required();
    add_sizes(command, given->size, given->chunk);
    command.option("--to", given->sender.sinks, "ADDRESS:PORT of a sink, or a file or pipe (with a /); tee takes two")
        .required();
    command.option("--gate", given->sender.gate, "wait at this descriptor before the transfer");
    command.on_call([given] {
      if (!given->size.empty()) given->sender.size = parse_size_option(given->size, "--size");
      given->sender.chunk = parse_size_option(given->chunk, "--chunk");
      run_sender(given->sender);
    });
  }
}

void add_sink(Command& program) {
  Command command = program.subcommand("sink", "receive one transfer and hash it");
  auto sink = std::make_shared<SinkOptions>();
  Command from = command.one_needed();
  from.option("--listen", sink->address, "IPv4 address to listen on");
  from.option("--from", sink->from, "read this pipe instead");
  command.option("--report", sink->report, "report to this descriptor instead of standard output");
  command.option("--counter", sink->counter, "count the bytes in this shared memory");
  command.on_call([sink] { run_sink(*sink); });
}

void add_whole_run(Command& program) {
  struct Given {
    RunOptions run;
    std::string method, size, chunk = "64KiB", offload;
    bool warm = false;
  };
  Command command = program.subcommand("run", "a whole transfer: file, path, sinks, sender, verification");
  auto given = std::make_shared<Given>();
  command.option("method", given->method, "a method's name").required();
  add_sizes(command, given->size, given->chunk);
  command.option("--path", given->run.path, "loopback, veth, nic, file or pipe");
  command.option("--offload", given->offload, "such as sg=off,tso=off");
  command.option("--file", given->run.source.file, "your file instead of a generated one");
  command.option("--workdir", given->run.source.work_directory, "where to generate the file");
  command.flag("--warm", given->warm, "with the file in the page cache");
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
  Command command = program.subcommand("selftest", "do a little of everything, once each");
  auto selftest = std::make_shared<SelftestOptions>();
  command.option("--gate", selftest->gate, "wait at this descriptor before it begins");
  command.option("--workdir", selftest->work_directory, "for its small unlinked files");
  command.on_call([selftest] { run_selftest(*selftest); });
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error line, not a silent death
  CommandLine line(
      "zctrace-workload",
      "Moves a file over TCP, or into a file or a pipe, with one transfer method. Knows nothing of tracing.");
  Command program = line.root();
  add_senders(program);
  add_sink(program);
  add_whole_run(program);
  add_selftest(program);
  add_experiments(program);
  try {
    line.run(argc, argv);
  } catch (const Error& error) {
    fmt::print(stderr, "zctrace-workload: {}\n", error.what());
    if (!error.hint.empty()) fmt::print(stderr, "  hint: {}\n", error.hint);
    return static_cast<int>(error.status);
  }
  return 0;
}
