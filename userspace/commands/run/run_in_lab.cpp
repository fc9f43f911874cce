#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/output_file.h"
#include "model/timeline/json_read.h"
#include "userspace/commands/run/deliver.h"
#include "userspace/commands/run/options.h"
#include "userspace/commands/support/document_stream.h"
#include "userspace/commands/support/guest_zctrace.h"
#include "viz/terminal/progress.h"
#include "workloads/run/registry.h"

namespace zctrace::commands {

namespace {

constexpr uint64_t kMiB = 1 << 20;

/// The same command for the zctrace in the guest, which shares our files.
std::vector<std::string> guest_arguments(const RunOptions& options) {
  std::vector<std::string> command{"run"};
  command.insert(command.end(), options.methods.begin(), options.methods.end());
  command.insert(command.end(), options.given.begin(), options.given.end());
  if (!options.source.file.empty())
    command.push_back("--file=" + std::filesystem::absolute(options.source.file).string());
  for (const std::string& word : options.command) command.push_back("--as-typed=" + word);
  command.insert(command.end(), {"--kernel=host", "--json", "--progress-lines"});
  return command;
}

/// What a transfer writes to the guest's disk, into the page cache first.
uint64_t written_bytes(const RunOptions& options, uint64_t size) {
  if (options.path != "file") return 0;
  unsigned sinks = 1;
  for (const std::string& method : options.methods) sinks = std::max(sinks, workloads::find_method(method)->sinks);
  return sinks * size;
}

/// Room for the file, for its pages in the cache, a buffer of one chunk and the programs.
unsigned memory_mib(uint64_t size, uint64_t chunk) {
  return std::max(lab::kMemoryMib, static_cast<unsigned>(1024 + (2 * size + std::min(size, chunk)) / kMiB));
}

/// Generous: emulation moves some 10 MB/s at worst, and takes some 100 us per traced system call. A JVM starts slowly.
std::chrono::seconds time_limit(uint64_t size, uint64_t chunk, const std::vector<std::string>& methods) {
  const uint64_t chunks = size / chunk + 1;
  uint64_t seconds = 0;
  for (const std::string& method : methods)
    seconds += (workloads::find_method(method)->java ? 300 : 120) + size / (4 * kMiB) + chunks / 500;
  return std::chrono::seconds(seconds);
}

/// Shown before it is put in its place: what cannot be written there is not lost to the reader.
void deliver(const RunOptions& options, const std::string& method, std::unique_ptr<OutputFile> file, ReportPage& page) {
  if (options.json)
    read_pieces(*file, [](std::string_view piece) { fwrite(piece.data(), 1, piece.size(), stdout); });
  else
    for (const timeline::Document& document : timeline::read_summaries(file->readable_path()))
      show(options, document.run, document.ledger);
  if (const std::string wanted = output_path(options, method); !wanted.empty()) {
    save_as(wanted, *file);
  }
  page.add(std::move(file));
}

}  // namespace

void run_in_lab(const RunOptions& options, const std::string& kernel, ReportPage& page) {
  const uint64_t size = workloads::source_size(options.source), written = written_bytes(options, size);
  const auto left = [&](size_t done) {
    RunOptions rest = options;
    rest.methods.erase(rest.methods.begin(), rest.methods.begin() + static_cast<std::ptrdiff_t>(done));
    return rest;
  };
  size_t delivered = 0;
  GuestZctrace guest;
  guest.kernel = kernel;
  guest.append = options.lab.append;
  guest.copies = options.copies;
  guest.disk_bytes = size + size / 8 + written + 256 * kMiB;
  guest.memory_mib = memory_mib(size + written, options.chunk);
  guest.arguments = [&](size_t done) { return guest_arguments(left(done)); };
  guest.limit = [&](size_t done) { return time_limit(size, options.chunk, left(done).methods); };
  guest.on_document = [&](std::unique_ptr<OutputFile> document) {
    deliver(options, options.methods.at(delivered++), std::move(document), page);
  };
  terminal::Progress progress;
  run_in_guest(guest, progress);
}

}  // namespace zctrace::commands
