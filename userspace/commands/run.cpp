#include "base/command_line.h"
#include "userspace/commands/commands.h"
#include "userspace/commands/run/deliver.h"
#include "userspace/commands/run/options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "base/error.h"
#include "base/nearest.h"
#include "base/output_file.h"
#include "base/units.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/commands/support/trace_options.h"
#include "viz/terminal/progress.h"
#include "workloads/net/offload.h"
#include "workloads/run/registry.h"

namespace zctrace::commands {

namespace {

std::string method_names() {
  std::string names;
  for (const auto& method : workloads::methods()) names += (names.empty() ? "" : ", ") + std::string(method.name);
  return names;
}

/// Where it is to send; "auto" is some network.
std::string path_of(const RunOptions& options, const workloads::Method& method) {
  return options.path == "auto" ? workloads::default_path(method, "auto") : options.path;
}

std::vector<std::string> method_choices() {
  std::vector<std::string> names{"all"};
  for (const auto& method : workloads::methods()) names.emplace_back(method.name);
  return names;
}

using Why = std::function<std::optional<workloads::Missing>(const workloads::Method&)>;

/// Leaves out what cannot be run, once for each reason, or throws that it cannot.
void keep_possible(RunOptions& options, const Why& why, ExitStatus status = ExitStatus::failed) {
  struct LeftOut {
    workloads::Missing missing;
    std::string methods;
  };
  std::vector<LeftOut> left_out;
  std::erase_if(options.methods, [&](const std::string& name) {
    const auto missing = why(*workloads::find_method(name));
    if (!missing) return false;
    if (!options.skip_missing) throw Error(status, name + ": " + missing->why, missing->hint);
    const auto same =
        std::ranges::find_if(left_out, [&](const LeftOut& one) { return one.missing.why == missing->why; });
    if (same == left_out.end())
      left_out.push_back({*missing, name});
    else
      same->methods += ", " + name;
    return true;
  });
  for (const auto& [missing, methods] : left_out)
    std::fprintf(stderr, "zctrace: skipping %s: %s\n  hint: %s\n", methods.c_str(), missing.why.c_str(),
                 missing.hint.c_str());
}

Error unknown_method(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& method : workloads::methods()) known.emplace_back(method.name);
  return Error(ExitStatus::usage, unknown_text("method", name, known, "; known: " + method_names()), "zctrace list");
}

/// What holds on every kernel.
void check_methods(RunOptions& options) {
  if (options.methods == std::vector<std::string>{"all"}) {
    options.skip_missing = true;
    options.methods.clear();
    for (const auto& method : workloads::methods()) options.methods.emplace_back(method.name);
  }
  for (const std::string& name : options.methods)
    if (!workloads::find_method(name)) throw unknown_method(name);
  const Why unfit = [&](const workloads::Method& method) -> std::optional<workloads::Missing> {
    const std::string path = path_of(options, method);
    if (auto why = workloads::unfit_for(method, path)) return why;
    if (workloads::is_network(path) || !options.offload.any()) return {};
    return workloads::Missing{"it sends over no device whose features could be switched", "leave --offload out"};
  };
  keep_possible(options, unfit, ExitStatus::usage);
  keep_possible(options, workloads::missing_program);
}

void check_output(const RunOptions& options) {
  if (options.output.empty()) return;
  namespace fs = std::filesystem;
  const fs::path path(options.output);
  std::error_code ignored;
  if (options.methods.size() > 1) {
    if (fs::exists(path, ignored) && !fs::is_directory(path, ignored))
      throw Error(ExitStatus::failed, "cannot write into " + options.output + ": it is not a directory",
                  "with several methods, -o names a directory for one METHOD.json each");
    return make_folder(options.output);
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
  options.offload = workloads::parse_offload(options.offload_text);
  workloads::check_offload(options.path, options.offload);
  check_methods(options);
  if (!size.empty()) options.source.size = parse_size_option(size, "--size");
  options.chunk = parse_size_option(chunk, "--chunk");
  workloads::source_size(options.source);  // what is wrong with it is said before a guest is booted for it
  if (options.output == "-") {
    options.output.clear();
    options.json = true;
  }
  check_output(options);
  if (!options.report.empty()) check_place(options.report, "--report");
  const std::string kernel =
      choose_kernel(options.kernel, options.copies, options.path == "nic", options.json && !isatty(STDERR_FILENO));
  check_lab_options(options.lab, kernel);
  RunPictures pictures(options);
  ReportPage page(options.report);
  Expectations expectations(options.expected);
  std::exception_ptr failure;
  try {
    if (kernel.empty()) {
      keep_possible(options, [&](const workloads::Method& method) {
        return workloads::missing_for(method, options.source.work_directory);
      });
      run_here(options, pictures, page, expectations);
    } else {
      run_in_lab(options, kernel, pictures, page, expectations);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  // What was measured is drawn whatever the end is, and the first trouble is the one to tell.
  pictures.draw();
  try {
    terminal::Progress progress;
    page.write(progress);
    expectations.write_junit();
  } catch (const Error& error) {
    if (!failure) throw;
    std::fprintf(stderr, "zctrace: %s\n", error.what());
  }
  if (failure) std::rethrow_exception(failure);
  expectations.finish();
}

/// Options for this zctrace, and not for the one in a guest that measures.
constexpr std::array<std::string_view, 12> kRunForUsAlone{
    "--skip-missing", "--append", "--file",           "--workdir",  "--kernel", "--output",
    "--report",       "--json",   "--progress-lines", "--as-typed", "--expect", "--junit"};

}  // namespace

void add_run(Command& program) {
  struct Arguments {
    RunOptions options;
    std::string size, chunk = "64KiB";
  };
  auto arguments = std::make_shared<Arguments>();
  RunOptions& options = arguments->options;

  Command command = program.subcommand("run", "Run built-in transfers under trace.");
  command.option("METHOD", options.methods, "Methods to run")
      .required()
      .lists_choices(method_choices());
  command.option("--size", arguments->size, "Transfer SIZE bytes, such as 64KiB or 1GiB.")
      .value_name("SIZE")
      .default_text("4MiB, or the whole --file");
  command.option("--chunk", arguments->chunk, "Transfer SIZE bytes per round.").value_name("SIZE").shows_default();
  command.option("--file", options.source.file, "Transfer FILE instead of a generated file.").value_name("FILE");
  command.option("--workdir", options.source.work_directory, "Put the generated file in DIR (not in the lab).")
      .value_name("DIR")
      .shows_default();
  const std::vector<std::pair<std::string, workloads::Cache>> caches{{"cold", workloads::Cache::cold},
                                                                     {"warm", workloads::Cache::warm}};
  command
      .choice("--cache", options.source.cache, caches,
              "Read the file from the disk (cold) or from the page cache (warm).")
      .value_name("CACHE");
  command
      .option("--path", options.path,
              "Send over loopback, veth (needs root) or nic (lab only), or into a file or a pipe.")
      .value_name("PATH")
      .one_of({"auto", "loopback", "veth", "nic", "file", "pipe"})
      .shows_default();
  command
      .option("--offload", options.offload_text,
              "Switch features of the sending device: sg=off,tx=off,tso=off,gso=off.")
      .value_name("LIST");
  command.option("--kernel", options.kernel, "Run on auto, host, or a lab kernel: 5.10, 6.1, 6.12, 7.2 or an image.")
      .value_name("KERNEL")
      .choices(kernel_choices())
      .shows_default();
  add_append_option(command, options.lab);
  command
      .choice("--copies", options.copies, copy_modes(),
              "Count copies by breakpoints and ftrace, cross-checked (exact), or by ftrace alone (fast).")
      .value_name("MODE");
  command
      .option("-o,--output", options.output,
              "Write the recording (JSON) to FILE (-: standard output); with several methods, to a directory.")
      .value_name("FILE");
  command.option("--report", options.report, "Write all runs as a self-contained HTML page.").value_name("FILE");
  add_expect_options(command, options.expected);
  command.flag("--cpu", options.cpu,
               "Sample what the transfer costs the CPU too, in passes that nothing traces (4 s a method).");
  command.flag("--json", options.json,
               "Print the recording instead of the picture; of several methods, each on a line (JSON lines).");
  command.flag("--skip-missing", options.skip_missing).hidden();
  // For a zctrace outside the guest, and for the tests in which a hook misses and events are lost.
  command.flag("--progress-lines", options.progress_lines).hidden();
  command.option("--leave-out", options.leave_out).hidden();
  command.option("--ring-bytes", options.ring_bytes).hidden();
  command.option("--as-typed", options.command).hidden();
  command.footer(
      "Examples:\n  zctrace run splice\n  zctrace run read_write sendfile --offload sg=off\n"
      "  zctrace run all --kernel 5.10 -o results/ --report all.html");
  command.on_call([arguments, command] {
    RunOptions asked = arguments->options;
    asked.given = command.given_options(kRunForUsAlone);
    if (asked.command.empty()) asked.command = own_command_line();
    run(std::move(asked), arguments->size, arguments->chunk);
  });
}

}  // namespace zctrace::commands
