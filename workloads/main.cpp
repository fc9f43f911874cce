#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <functional>

#include "userspace/error.h"
#include "userspace/units.h"
#include "workloads/experiments/commands.h"
#include "workloads/offload.h"
#include "workloads/selftest.h"
#include "workloads/sender.h"
#include "workloads/sink.h"
#include "workloads/whole_run.h"

namespace {

using namespace zctrace;
using namespace zctrace::workloads;

const Method& method_named(const std::string& name) {
  if (const Method* method = find_method(name)) return *method;
  std::string known;
  for (const Method& method : methods()) known += fmt::format("{}{}", known.empty() ? "" : ", ", method.name);
  throw Error(ExitStatus::usage, fmt::format("there is no method '{}'", name), "one of " + known);
}

void add_sizes(CLI::App& command, std::string& size, std::string& chunk) {
  command.add_option("--size", size, "bytes from the file's start, such as 4MiB");
  command.add_option("--chunk", chunk, "bytes per round (64KiB)");
}

/// `zctrace-workload METHOD ...`: one command for each method.
void add_senders(CLI::App& app) {
  struct Given {
    SenderOptions sender;
    std::string size, chunk = "64KiB";
  };
  for (const Method& method : methods()) {
    CLI::App* command = app.add_subcommand(method.name, fmt::format("{} ({})", method.summary, method.calls));
    auto given = std::make_shared<Given>();
    given->sender.method = &method;
    command->add_option("--source", given->sender.source, "the file to send")->required();
    add_sizes(*command, given->size, given->chunk);
    command
        ->add_option("--to", given->sender.sinks, "ADDRESS:PORT of a sink, or a file or pipe (with a /); tee takes two")
        ->required();
    command->add_option("--gate", given->sender.gate, "wait at this descriptor before the transfer");
    command->callback([given] {
      if (!given->size.empty()) given->sender.size = parse_size_option(given->size, "--size");
      given->sender.chunk = parse_size_option(given->chunk, "--chunk");
      run_sender(given->sender);
    });
  }
}

void add_sink(CLI::App& app) {
  CLI::App* command = app.add_subcommand("sink", "receive one transfer and hash it");
  auto sink = std::make_shared<SinkOptions>();
  CLI::Option_group* from = command->add_option_group("from");
  from->add_option("--listen", sink->address, "IPv4 address to listen on");
  from->add_option("--from", sink->from, "read this pipe instead");
  from->require_option(1);
  command->add_option("--report", sink->report, "report to this descriptor instead of standard output");
  command->add_option("--counter", sink->counter, "count the bytes in this shared memory");
  command->callback([sink] { run_sink(*sink); });
}

void add_whole_run(CLI::App& app) {
  struct Given {
    RunOptions run;
    std::string method, size, chunk = "64KiB", offload;
    bool warm = false;
  };
  CLI::App* command = app.add_subcommand("run", "a whole transfer: file, path, sinks, sender, verification");
  auto given = std::make_shared<Given>();
  command->add_option("method", given->method, "a method's name")->required();
  add_sizes(*command, given->size, given->chunk);
  command->add_option("--path", given->run.path, "loopback, veth, nic, file or pipe");
  command->add_option("--offload", given->offload, "such as sg=off,tso=off");
  command->add_option("--file", given->run.source.file, "your file instead of a generated one");
  command->add_option("--workdir", given->run.source.work_directory, "where to generate the file");
  command->add_flag("--warm", given->warm, "with the file in the page cache");
  command->callback([given] {
    given->run.method = &method_named(given->method);
    if (!given->size.empty()) given->run.source.size = parse_size_option(given->size, "--size");
    given->run.chunk = parse_size_option(given->chunk, "--chunk");
    given->run.offload = parse_offload(given->offload);
    given->run.source.cache = given->warm ? Cache::warm : Cache::cold;
    run_whole(given->run);
  });
}

void add_selftest(CLI::App& app) {
  CLI::App* command = app.add_subcommand("selftest", "do a little of everything, once each");
  auto selftest = std::make_shared<SelftestOptions>();
  command->add_option("--gate", selftest->gate, "wait at this descriptor before it begins");
  command->add_option("--workdir", selftest->work_directory, "for its small unlinked files");
  command->callback([selftest] { run_selftest(*selftest); });
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that is gone is an error line, not a silent death
  CLI::App app("Moves a file over TCP, or into a file or a pipe, with one transfer method. Knows nothing of tracing.");
  app.require_subcommand(1);
  add_senders(app);
  add_sink(app);
  add_whole_run(app);
  add_selftest(app);
  add_experiments(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
  } catch (const Error& error) {
    fmt::print(stderr, "zctrace-workload: {}\n", error.what());
    if (!error.hint.empty()) fmt::print(stderr, "  hint: {}\n", error.hint);
    return static_cast<int>(error.status);
  }
  return 0;
}
