#include "userspace/commands/matrix/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "model/timeline/json_read.h"
#include "model/timeline/json_write.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/commands/support/guest_zctrace.h"
#include "userspace/record/measurement.h"
#include "workloads/net/offload.h"
#include "workloads/run/registry.h"

namespace zctrace::commands {

namespace {

using matrix::Cell;
using matrix::Result;

constexpr uint64_t kGuestDisk = uint64_t{1} << 30;

record::MeasurementOptions options_of(const Cell& cell, const CellSize& size) {
  record::MeasurementOptions options;
  options.source.size = size.size;
  options.source.cache = cell.warm ? workloads::Cache::warm : workloads::Cache::cold;
  options.chunk = size.chunk;
  options.path = cell.path;
  options.offload = workloads::parse_offload(cell.offload);
  options.progress_lines = true;
  options.command = {"zctrace", "run", cell.method, "--path", cell.path, "--cache", cell.warm ? "warm" : "cold"};
  if (!cell.offload.empty()) options.command.insert(options.command.end(), {"--offload", cell.offload});
  return options;
}

/// Of what print_outcome() prints; a timeline document, which may be long, begins otherwise.
constexpr std::string_view kOutcomeBegins = "{\"cell\":";

void print_outcome(const Cell& cell, const char* what, const std::string& why) {
  write_record(stdout, [&] {
    fmt::print("{}\n", nlohmann::ordered_json{{"cell", matrix::name_of(cell)}, {what, why}}.dump());
  });
}

/// Was the offload left as it was although it should be off? Some devices do not let it be switched.
bool is_as_asked(const record::MeasurementOptions& options, const timeline::Path& path) {
  const auto is = [](const std::optional<bool>& wanted, bool found) { return !wanted || *wanted == found; };
  return is(options.offload.sg, path.scatter_gather) && is(options.offload.tx, path.tx_checksum) &&
         is(options.offload.tso, path.tso);
}

void print_cell(record::Measurement& measurement, const Cell& cell, const CellSize& size) {
  const workloads::Method* method = workloads::find_method(cell.method);
  if (const auto missing = workloads::missing_for(*method)) return print_outcome(cell, "skipped", missing->why);
  try {
    const record::MeasurementOptions options = options_of(cell, size);
    timeline::Document document;
    if (const std::exception_ptr failure = measurement.run(options, *method, document)) std::rethrow_exception(failure);
    if (!is_as_asked(options, document.run.path))
      return print_outcome(cell, "skipped", "the device does not let " + cell.offload + " be switched");
    write_record(stdout, [&] { timeline::write_document(stdout, document); });
  } catch (const record::Interrupted&) {
    throw Error(ExitStatus::interrupted, "interrupted: what was measured so far is kept");
  } catch (const Error& error) {
    if (error.status == ExitStatus::interrupted || error.status == ExitStatus::not_permitted) throw;
    print_outcome(cell, "failed", error.what());
  }
}

}  // namespace

Result read_result(const Cell& cell, const std::string& kernel, const std::string& document) {
  std::ifstream stream(document, std::ios::binary);
  std::string begin(kOutcomeBegins.size(), ' ');
  if (stream.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == kOutcomeBegins) {
    const auto json = nlohmann::json::parse(stream.seekg(0));
    return {.cell = cell, .kernel = kernel, .skipped = json.value("skipped", ""), .failed = json.value("failed", "")};
  }
  const std::vector<timeline::Document> documents = timeline::read_summaries(document);
  return matrix::result_of(cell, kernel, documents.at(0));
}

std::vector<Cell> cells_of(const std::vector<std::string>& methods, const std::vector<std::string>& paths) {
  const auto wanted = [](const std::vector<std::string>& list, std::string_view word) {
    return list.empty() || std::ranges::find(list, word) != list.end();
  };
  std::vector<Cell> cells;
  for (const workloads::Method& method : workloads::methods()) {
    // A JVM takes half a minute to start under emulation, and does with each path what its system calls do.
    if (methods.empty() ? method.java != nullptr : !wanted(methods, method.name)) continue;
    for (const char* path : {"nic", "veth", "loopback", "file", "pipe"}) {
      if (!wanted(paths, path) || !workloads::takes(method, path)) continue;
      std::vector<std::string> offloads{""};
      if (path == std::string_view("nic") || path == std::string_view("veth"))
        offloads.insert(offloads.end(), {"sg=off", "tx=off", "tso=off"});
      for (const std::string& offload : offloads)
        for (const bool warm : {false, true}) cells.push_back({method.name, path, offload, warm});
    }
  }
  return cells;
}

void print_cells(const std::vector<Cell>& cells, const CellSize& size) {
  terminal::Progress progress(terminal::Progress::Form::lines);
  const InterruptGuard guard;
  record::MeasurementOptions options;
  options.progress_lines = true;
  for (const Cell& cell : cells) options.hook_for(*workloads::find_method(cell.method));
  record::Measurement measurement(options, progress);
  for (const Cell& cell : cells) {
    record::stop_if_interrupted();
    print_cell(measurement, cell, size);
    std::fflush(stdout);
  }
}

void measure_cells(const std::string& kernel, const std::vector<Cell>& cells, const CellSize& size,
                   terminal::Progress& progress, const std::function<void(Result, OutputFile&)>& deliver) {
  size_t delivered = 0;
  GuestZctrace guest;
  guest.kernel = kernel;
  guest.disk_bytes = kGuestDisk + 4 * size.size;
  guest.arguments = [&](size_t done) {
    std::vector<std::string> arguments{"cells", fmt::format("--size={}", size.size),
                                       fmt::format("--chunk={}", size.chunk)};
    for (size_t i = done; i < cells.size(); ++i) arguments.push_back(matrix::name_of(cells[i]));
    return arguments;
  };
  guest.limit = [&](size_t done) { return std::chrono::seconds(300 + 30 * (cells.size() - done)); };
  guest.on_document = [&](std::unique_ptr<OutputFile> document) {
    deliver(read_result(cells.at(delivered), kernel, document->readable_path()), *document);
    ++delivered;
  };
  run_in_guest(guest, progress);
}

}  // namespace zctrace::commands
