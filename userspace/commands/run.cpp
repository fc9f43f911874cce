#include "userspace/commands/run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "userspace/commands/choose_kernel.h"
#include "userspace/commands/output_file.h"
#include "userspace/commands/progress.h"
#include "userspace/error.h"
#include "userspace/units.h"
#include "workloads/java.h"
#include "workloads/offload.h"
#include "workloads/registry.h"

namespace zctrace::commands {

namespace {

std::string method_names() {
  std::string names;
  for (const auto& method : workloads::methods()) names += (names.empty() ? "" : ", ") + std::string(method.name);
  return names;
}

/// All that can be run here; what cannot is named.
std::vector<std::string> all_methods() {
  std::vector<std::string> all;
  std::string left_out, why;
  for (const auto& method : workloads::methods()) {
    if (const std::string missing = workloads::missing_for(method); missing.empty()) {
      all.emplace_back(method.name);
    } else {
      left_out += (left_out.empty() ? "" : ", ") + std::string(method.name);
      why = missing;
    }
  }
  if (!left_out.empty())
    std::fprintf(stderr, "zctrace: without %s: %s\n  hint: %s\n", left_out.c_str(), why.c_str(),
                 workloads::kNoJavaHint);
  return all;
}

void check_methods(RunOptions& options) {
  if (options.methods == std::vector<std::string>{"all"}) options.methods = all_methods();
  for (const std::string& name : options.methods) {
    const auto* method = workloads::find_method(name);
    if (!method)
      throw Error(ExitStatus::usage, "unknown method '" + name + "'; there are " + method_names(), "zctrace list");
    if (const std::string missing = workloads::missing_for(*method); !missing.empty())
      throw Error(ExitStatus::failed, name + ": " + missing, workloads::kNoJavaHint);
  }
}

void check_output(const RunOptions& options) {
  if (options.output.empty() || options.output == "-") return;
  namespace fs = std::filesystem;
  const fs::path path(options.output);
  std::error_code ignored;
  if (options.methods.size() > 1) {
    if (!fs::is_directory(path, ignored) && !fs::create_directory(path, ignored))
      throw Error(ExitStatus::failed, "cannot write into " + options.output + ": not a directory that can be made",
                  "with several methods -o names a folder; each gets METHOD.json in it");
    return;
  }
  check_place(options.output, "-o");
}

/// As typed, for the document.
std::vector<std::string> own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  if (!words.empty()) words[0] = "zctrace";
  return words;
}

void run(RunOptions options, const std::string& size, const std::string& chunk) {
  check_methods(options);
  if (!size.empty()) options.source.size = parse_size_option(size, "--size");
  options.chunk = parse_size_option(chunk, "--chunk");
  options.offload = workloads::parse_offload(options.offload_text);
  workloads::check_offload(options.path, options.offload);
  workloads::source_size(options.source);  // what is wrong with it is said before a guest is booted for it
  check_output(options);
  if (!options.report.empty()) check_place(options.report, "--report");
  const std::string kernel =
      choose_kernel(options.kernel, options.copies, options.path == "nic", options.json && !isatty(STDERR_FILENO));
  ReportPage page(options.report);
  std::exception_ptr failure;
  try {
    if (kernel.empty())
      run_here(options, page);
    else
      run_in_lab(options, kernel, page);
  } catch (...) {
    failure = std::current_exception();
  }
  // What was measured is drawn whatever the end is, and the first trouble is the one to tell.
  try {
    Progress progress;
    page.write(progress);
  } catch (const Error& error) {
    if (!failure) throw;
    std::fprintf(stderr, "zctrace: %s\n", error.what());
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void add_run(CLI::App& app) {
  struct Arguments {
    RunOptions options;
    std::string size, chunk = "64KiB";
  };
  auto arguments = std::make_shared<Arguments>();
  RunOptions& options = arguments->options;

  CLI::App* command = app.add_subcommand("run", "run built-in transfers under trace");
  command->add_option("METHOD", options.methods, "methods to run, or all: " + method_names())->required();
  command->add_option("--size", arguments->size, "bytes to transfer: 4MiB (default), 64KiB, 1GiB, ...");
  command->add_option("--chunk", arguments->chunk, "bytes per round")->capture_default_str();
  command->add_option("--file", options.source.file, "transfer this file instead of a generated one");
  command->add_option("--workdir", options.source.work_directory, "where to put the generated file (not in the lab)");
  const std::map<std::string, workloads::Cache> caches{{"cold", workloads::Cache::cold},
                                                       {"warm", workloads::Cache::warm}};
  command
      ->add_option("--cache", options.source.cache, "cold (default): the file comes from the disk; warm: from memory")
      ->transform(CLI::CheckedTransformer(caches).description(""));
  command->add_option("--path", options.path, "loopback, veth, nic (lab), file, pipe, auto")
      ->check(CLI::IsMember({"auto", "loopback", "veth", "nic", "file", "pipe"}).description(""))
      ->capture_default_str();
  command->add_option("--offload", options.offload_text, "switch the sender's device: sg=off,tx=off,tso=off,gso=off");
  command->add_option("--kernel", options.kernel, "auto, host, or a lab kernel: 5.10, 6.1, 6.12, 7.2, a file")
      ->capture_default_str();
  const std::map<std::string, capture::CopyMode> modes{{"exact", capture::CopyMode::exact},
                                                       {"fast", capture::CopyMode::fast}};
  command->add_option("--copies", options.copies, "exact (default): breakpoints and ftrace, checked; fast: ftrace")
      ->transform(CLI::CheckedTransformer(modes).description(""));
  command->add_option("-o,--output", options.output, "write the timeline document (JSON) to this file");
  command->add_option("--report", options.report, "draw what was measured as a self-contained page (HTML)");
  command->add_flag("--json", options.json, "print the document instead of the picture");
  // For a zctrace outside the guest, and for the tests in which a hook misses and events are lost.
  command->add_flag("--progress-lines", options.progress_lines)->group("");
  command->add_option("--leave-out", options.leave_out)->group("");
  command->add_option("--ring-bytes", options.ring_bytes)->group("");
  command->add_option("--as-typed", options.command)->group("");
  command->callback([arguments] {
    RunOptions asked = arguments->options;
    if (asked.command.empty()) asked.command = own_command_line();
    run(std::move(asked), arguments->size, arguments->chunk);
  });
}

}  // namespace zctrace::commands
