#include "userspace/commands/support/experiments.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/child.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "model/timeline/json_write.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/commands/support/guest_zctrace.h"
#include "userspace/record/measurement.h"
#include "workloads/net/offload.h"
#include "workloads/run/registry.h"
#include "workloads/run/transfer.h"

namespace zctrace::commands {

namespace {

using claims::Experiment;

constexpr uint64_t kMiB = 1 << 20;
/// The sweep's largest file must fit into it (and into the usual guest's page cache).
constexpr uint64_t kGuestDisk = 3072 * kMiB;

/// Seconds that timing may take: all experiments together take about a minute.
constexpr std::array<std::pair<std::string_view, int>, 2> kBudgets{{{"sweep", 20}, {"ab_benchmark", 10}}};

using Deliver = std::function<void(const Experiment&, OutputFile& document)>;

record::MeasurementOptions options_of(const Experiment& experiment) {
  record::MeasurementOptions options;
  options.source.size = claims::kExperimentSize;
  options.source.cache = experiment.warm ? workloads::Cache::warm : workloads::Cache::cold;
  options.chunk = experiment.chunk;
  if (!experiment.path.empty()) options.path = experiment.path;
  options.offload = workloads::parse_offload(std::string(experiment.offload));
  const std::string command = claims::command_of(experiment);
  for (size_t begin = 0, end; begin < command.size(); begin = end + 1) {
    end = std::min(command.find(' ', begin), command.size());
    options.command.push_back(command.substr(begin, end - begin));
  }
  return options;
}

/// A busy machine makes TCP send packets again, which is no figure of the method's.
bool sent_again(const timeline::Ledger& ledger) {
  return ledger.transmit.payload_bytes > ledger.received_bytes + ledger.received_bytes / 50;
}

void write_run(record::Measurement& measurement, const Experiment& experiment, OutputFile& file) {
  const auto& method = *workloads::find_method(experiment.method);
  if (const auto missing = workloads::missing_for(method)) throw Error(ExitStatus::failed, missing->why, missing->hint);
  constexpr int kTries = 3;
  timeline::Document best;
  for (int i = 0; i < kTries; ++i) {
    timeline::Document document;
    const std::exception_ptr failure = measurement.run(options_of(experiment), method, document);
    if (failure) std::rethrow_exception(failure);
    if (i == 0 || document.ledger.transmit.payload_bytes < best.ledger.transmit.payload_bytes)
      best = std::move(document);
    if (!sent_again(best.ledger)) break;
  }
  timeline::write_document(file.stream(), best);
}

/// What an untraced program prints.
void write_program(const Experiment& experiment, OutputFile& file, terminal::Progress& progress) {
  progress.show(experiment.name);
  std::vector<std::string> command{workloads::workload_program(), "experiment", std::string(experiment.name)};
  for (const auto& [name, seconds] : kBudgets)
    if (name == experiment.name) command.insert(command.end(), {"--budget", std::to_string(seconds)});
  Child child({.command = std::move(command), .fds = {{fileno(file.stream()), STDOUT_FILENO}}});
  while (!child.ended()) {
    pollfd watched[] = {{child.pid_fd(), POLLIN, 0}, {child.error_fd(), POLLIN, 0}};
    poll(watched, 2, 100);
    child.read_errors();
    if (InterruptGuard::count()) throw record::Interrupted{};
  }
  child.read_errors();
  if (!child.succeeded())
    throw Error(ExitStatus::failed, child.error_line().empty() ? child.end_text() : child.error_line(), child.hint());
}

void write_failure(const Experiment& experiment, const Error& error, OutputFile& file) {
  const nlohmann::ordered_json json{{"schema", "zctrace.experiment/1"},
                                    {"experiment", experiment.name},
                                    {"failed", error.what()},
                                    {"hint", error.hint}};
  file.write(json.dump(1) + "\n");
}

bool failed(const OutputFile& document) {
  std::ifstream stream(document.readable_path(), std::ios::binary);
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  return json.is_object() && json.contains("failed");
}

void measure_here(const claims::ExperimentList& wanted, bool progress_lines, terminal::Progress& progress,
                  const Deliver& deliver) {
  const InterruptGuard guard;
  std::optional<record::Measurement> measurement;
  for (const Experiment* experiment : wanted) {
    auto file = std::make_unique<OutputFile>("");
    try {
      if (experiment->traced()) {
        if (!measurement) {
          record::MeasurementOptions options;
          options.progress_lines = progress_lines;
          for (const Experiment* other : wanted)
            if (const auto* method = workloads::find_method(other->method)) options.hook_for(*method);
          measurement.emplace(options, progress);
        }
        write_run(*measurement, *experiment, *file);
      } else {
        write_program(*experiment, *file, progress);
      }
    } catch (const record::Interrupted&) {
      throw Error(ExitStatus::interrupted, "interrupted: results so far are kept");
    } catch (const Error& error) {
      if (error.status == ExitStatus::interrupted || error.status == ExitStatus::not_permitted) throw;
      file = std::make_unique<OutputFile>("");
      write_failure(*experiment, error, *file);
    }
    if (std::fflush(file->stream())) throw Error(ExitStatus::failed, "cannot write a temporary file", "df /tmp");
    deliver(*experiment, *file);
  }
}

/// The sweep and the A/B benchmark have limits of their own; the rest is a matter of seconds, under emulation too, or
/// of a minute for a JVM to start.
std::chrono::seconds time_limit(size_t experiments) { return std::chrono::seconds(300 + 30 * experiments); }

void measure_in_lab(const std::string& kernel, const claims::ExperimentList& wanted, terminal::Progress& progress,
                    const Deliver& deliver) {
  size_t delivered = 0;
  GuestZctrace guest;
  guest.kernel = kernel;
  guest.disk_bytes = kGuestDisk;
  guest.arguments = [&](size_t done) {
    std::vector<std::string> arguments{"measure"};
    for (size_t i = done; i < wanted.size(); ++i) arguments.emplace_back(wanted[i]->name);
    return arguments;
  };
  guest.limit = [&](size_t done) { return time_limit(wanted.size() - done); };
  guest.on_document = [&](std::unique_ptr<OutputFile> document) { deliver(*wanted.at(delivered++), *document); };
  run_in_guest(guest, progress);
}

void print(OutputFile& document) {
  write_record(stdout, [&] {
    read_pieces(document, [](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
  });
}

}  // namespace

void measure(const std::string& kernel, const claims::ExperimentList& wanted, const std::filesystem::path& folder,
             terminal::Progress& progress) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(ExitStatus::failed, "cannot create " + folder.string() + ": " + error.message());
  size_t done = 0;
  progress.number(done, wanted.size());
  const Deliver keep = [&](const Experiment& experiment, OutputFile& document) {
    save_as(folder / (std::string(experiment.name) + ".json"), document);
    progress.number(++done, wanted.size());
  };
  claims::ExperimentList here, in_lab;
  for (const Experiment* experiment : wanted)
    (kernel.empty() || experiment->timed ? here : in_lab).push_back(experiment);
  if (!in_lab.empty()) measure_in_lab(kernel, in_lab, progress, keep);
  // What cannot be timed here, for want of root say, is timed in the lab after all.
  in_lab.clear();
  measure_here(here, false, progress, [&](const Experiment& experiment, OutputFile& document) {
    if (kernel.empty() || !failed(document))
      keep(experiment, document);
    else
      in_lab.push_back(&experiment);
  });
  if (!in_lab.empty()) measure_in_lab(kernel, in_lab, progress, keep);
  progress.number(0, 0);
  progress.clear();
}

void print_experiments(const std::string& kernel, const claims::ExperimentList& wanted) {
  terminal::Progress progress(terminal::Progress::Form::lines);
  const Deliver deliver = [](const Experiment&, OutputFile& document) { print(document); };
  if (kernel.empty())
    measure_here(wanted, true, progress, deliver);
  else
    measure_in_lab(kernel, wanted, progress, deliver);
}

}  // namespace zctrace::commands
