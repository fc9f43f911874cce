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
  if (options.skip_missing) command.emplace_back("--skip-missing");
  command.insert(command.end(), {"--kernel=host", "--json", "--progress-lines"});
  return command;
}

/// What a transfer writes to the guest's disk, into the page cache first.
uint64_t written_bytes(const RunOptions& options, uint64_t size) {
  unsigned sinks = 0;
  for (const std::string& name : options.methods) {
    const auto& method = *workloads::find_method(name);
    const auto path = options.path == "auto" ? workloads::default_path(method, options.path) : options.path;
    if (path == "file") sinks = std::max(sinks, method.sinks);
  }
  return sinks * size;
}

/// Room for the file, for its pages in the cache, a buffer of one chunk and the programs.
unsigned memory_mib(uint64_t size, uint64_t chunk) {
  return std::max(lab::kMemoryMib, static_cast<unsigned>(1024 + (2 * size + std::min(size, chunk)) / kMiB));
}

/// Generous: emulation moves some 10 MB/s at worst, and takes some 100 us per traced system call. A JVM starts slowly.
std::chrono::seconds time_limit(const RunOptions& options, uint64_t size, const std::vector<std::string>& methods) {
  const uint64_t chunks = size / options.chunk + 1;
  uint64_t seconds = 0;
  for (const std::string& method : methods)
    seconds += (workloads::find_method(method)->java ? 300 : 120) + size / (4 * kMiB) + chunks / 500;
  if (options.cpu) seconds *= 2;
  return std::chrono::seconds(seconds);
}

/// Taken for its picture before it is put in its place: what cannot be written there is not lost to the reader.
/// Returns its method.
std::string deliver(const RunOptions& options, std::unique_ptr<OutputFile> file, RunPictures& pictures,
                    ReportPage& page, Expectations& expectations) {
  std::string method;
  if (options.json) print_document(options, *file);
  for (const timeline::Document& document : timeline::read_summaries(file->readable_path())) {
    method = document.run.method;
    pictures.add(document.run, document.ledger);
    expectations.check(document);
  }
  if (const std::string wanted = output_path(options, method); !wanted.empty()) {
    save_as(wanted, *file);
  }
  page.add(std::move(file));
  return method;
}

}  // namespace

void run_in_lab(const RunOptions& options, const std::string& kernel, RunPictures& pictures, ReportPage& page,
                Expectations& expectations) {
  const uint64_t size = workloads::source_size(options.source), written = written_bytes(options, size);
  RunOptions rest = options;  // what is still to be done, should the guest die
  GuestZctrace guest;
  guest.kernel = kernel;
  guest.append = options.lab.append;
  guest.copies = options.copies;
  guest.disk_bytes = size + size / 8 + written + 256 * kMiB;
  guest.memory_mib = memory_mib(size + written, options.chunk);
  guest.arguments = [&](size_t) { return guest_arguments(rest); };
  guest.limit = [&](size_t) { return time_limit(options, size, rest.methods); };
  guest.on_document = [&](std::unique_ptr<OutputFile> document) {
    const std::string method = deliver(options, std::move(document), pictures, page, expectations);
    // With those before it that the guest's kernel cannot run.
    const auto done = std::ranges::find(rest.methods, method);
    if (done != rest.methods.end()) rest.methods.erase(rest.methods.begin(), done + 1);
  };
  terminal::Progress progress;
  run_in_guest(guest, progress);
}

}  // namespace zctrace::commands
