#include "workloads/run/whole_run.h"

#include <fmt/core.h>

#include <chrono>

#include "workloads/run/throughput.h"
#include "workloads/run/transfer.h"

namespace zctrace::workloads {
namespace {

const char* on_off(bool on) { return on ? "on" : "off"; }

void print_facts(const Source& source, const Path& path) {
  const PathFacts& device = path.facts();
  fmt::print("source  {} on {} ({}), {} bytes in the page cache\n", source.file.empty() ? "generated" : source.file,
             source.disk.device, source.disk.filesystem,
             source.resident_known ? std::to_string(source.resident_bytes) : "unknown");
  if (!is_network(device.kind)) {
    fmt::print("path    {}\n", device.kind);
    return;
  }
  fmt::print("path    {}: {} ({}), sg {}, tx {}, tso {}, gso {}\n", device.kind, device.device, device.driver,
             on_off(device.scatter_gather), on_off(device.tx_checksum), on_off(device.tso), on_off(device.gso));
}

}  // namespace

void run_whole(const RunOptions& options) {
  if (const auto missing = missing_for(*options.method, options.source.work_directory))
    throw Error(ExitStatus::failed, fmt::format("{}: {}", options.method->name, missing->why), missing->hint);
  const std::unique_ptr<Path> path =
      make_path(options.path == "auto" ? default_path(*options.method, "loopback") : options.path, options.offload);
  const Source source = prepare_source(options.source);
  Transfer transfer(*options.method, source, *path, options.chunk);
  transfer.start();
  print_facts(source, *path);
  std::fflush(stdout);

  const auto begin = std::chrono::steady_clock::now();
  std::chrono::duration<double> seconds{};
  transfer.release();
  for (auto state = Transfer::State::transferring; state < Transfer::State::finished;) {
    state = transfer.poll(100);
    if (state < Transfer::State::drained || seconds.count() == 0) seconds = std::chrono::steady_clock::now() - begin;
  }
  const TransferResult result = transfer.finish();
  for (const Note& note : transfer.notes()) fmt::print("note    {}\n", note.text);
  fmt::print("{} {}, verified at {} sink(s)\n", options.method->name,
             throughput_text(result.payload_bytes, seconds.count()), options.method->sinks);
}

}  // namespace zctrace::workloads
