#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "userspace/commands/deliver.h"
#include "userspace/commands/interrupt.h"
#include "userspace/commands/output_file.h"
#include "userspace/commands/progress.h"
#include "userspace/commands/run.h"
#include "userspace/error.h"
#include "userspace/lab/guest.h"
#include "userspace/timeline/json_read.h"
#include "workloads/registry.h"

namespace zctrace::commands {

namespace {

constexpr uint64_t kMiB = 1 << 20;

/// The same command for the zctrace in the guest, which shares our files.
std::vector<std::string> guest_command(const RunOptions& options) {
  std::vector<std::string> command{std::filesystem::read_symlink("/proc/self/exe").string(), "run"};
  command.insert(command.end(), options.methods.begin(), options.methods.end());
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) command.push_back(std::string(name) + "=" + value);
  };
  add("--kernel", "host");
  add("--size", options.source.size ? std::to_string(*options.source.size) : "");
  add("--chunk", std::to_string(options.chunk));
  add("--cache", options.source.cache == workloads::Cache::cold ? "cold" : "warm");
  add("--path", options.path);
  add("--offload", options.offload_text);
  add("--copies", options.copies == capture::CopyMode::exact ? "exact" : "fast");
  add("--file", options.source.file.empty() ? "" : std::filesystem::absolute(options.source.file).string());
  add("--ring-bytes", std::to_string(options.ring_bytes));
  for (const std::string& hook : options.leave_out) add("--leave-out", hook);
  for (const std::string& word : options.command) add("--as-typed", word);
  command.insert(command.end(), {"--json", "--progress-lines"});
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
  return static_cast<unsigned>(1024 + (2 * size + std::min(size, chunk)) / kMiB);
}

/// Generous: emulation moves some 10 MB/s at worst, and takes some 100 us per traced system call.
std::chrono::seconds time_limit(uint64_t size, uint64_t chunk, size_t methods) {
  const uint64_t chunks = size / chunk + 1;
  return std::chrono::seconds((120 + size / (4 * kMiB) + chunks / 500) * methods);
}

template <class Take>
void copy(const std::string& path, Take take) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(1 << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount())
    take(std::string_view(piece.data(), static_cast<size_t>(file.gcount())));
}

/// Cuts the guest's output into documents, each of which ends in a line that is "}" alone.
class Documents {
 public:
  Documents(const RunOptions& options, ReportPage& page) : options_(options), page_(page) {}

  /// How many are whole.
  size_t done() const { return done_; }

  /// Forgets the one that is not whole: its guest has died.
  void abandon() {
    file_.reset();
    line_.clear();
  }

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t end = bytes.find('\n');
      const std::string_view piece = bytes.substr(0, end == bytes.npos ? bytes.size() : end + 1);
      bytes.remove_prefix(piece.size());
      if (!file_) file_ = std::make_unique<OutputFile>("");
      file_->write(piece);
      // Only the beginning of a line tells, and it may come in two pieces.
      if (line_.size() < 3) line_ += piece.substr(0, 3 - line_.size());
      if (end == piece.npos || piece.back() != '\n') continue;
      const bool last = line_ == "}\n";
      line_.clear();
      if (last) close();
    }
  }

 private:
  /// Shown before it is put in its place: what cannot be written there is not lost to the reader.
  void close() {
    if (fflush(file_->stream())) throw Error(ExitStatus::failed, "cannot write a temporary file", "df /tmp");
    const std::string path = file_->readable_path();
    if (options_.json)
      copy(path, [](std::string_view piece) { fwrite(piece.data(), 1, piece.size(), stdout); });
    else
      for (const timeline::Document& document : timeline::read_summaries(path))
        show(options_, document.run, document.ledger);
    if (const std::string wanted = output_path(options_, options_.methods.at(done_)); !wanted.empty()) {
      OutputFile target(wanted);
      copy(path, [&](std::string_view piece) { target.write(piece); });
      target.commit();
    }
    page_.add(std::move(file_));
    file_.reset();
    done_++;
  }

  const RunOptions& options_;
  ReportPage& page_;
  std::unique_ptr<OutputFile> file_;
  std::string line_;
  size_t done_ = 0;
};

/// The guest's standard error: its progress, and its words for the person.
class Messages {
 public:
  Messages(Progress& progress, const std::string& kernel) : progress_(progress), kernel_(kernel) {}

  void take(std::string_view bytes) {
    rest_ += bytes;
    for (size_t end; (end = rest_.find('\n')) != rest_.npos; rest_.erase(0, end + 1)) {
      const std::string_view line = std::string_view(rest_).substr(0, end);
      if (const std::string_view stage = Progress::stage_of(line); !stage.empty()) {
        progress_.show(kernel_ + ": " + std::string(stage));
      } else {
        progress_.clear();
        fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
      }
    }
  }

 private:
  Progress& progress_;
  std::string kernel_;
  std::string rest_;
};

std::vector<std::string> guest_environment() {
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                       "HOME=/root"};
  for (const char* name : {"LANG", "LC_ALL", "LC_CTYPE", "ZCTRACE_DEBUG"})
    if (const char* value = getenv(name)) environment.push_back(std::string(name) + "=" + value);
  return environment;
}

}  // namespace

void run_in_lab(const RunOptions& options, const std::string& kernel, ReportPage& page) {
  const uint64_t size = workloads::source_size(options.source), written = written_bytes(options, size);
  Progress progress;
  Documents documents(options, page);
  lab::GuestRequest request;
  request.kernel = lab::find_kernel(kernel);
  Messages messages(progress, "Linux " + request.kernel.version);
  request.environment = guest_environment();
  request.disk_bytes = size + size / 8 + written + 256 * kMiB;
  request.memory_mib = memory_mib(size + written, options.chunk);
  request.on_stage = [&](std::string_view stage) {
    progress.show("Linux " + request.kernel.version + ": " + std::string(stage));
  };
  request.on_out = [&](std::string_view bytes) {
    progress.clear();
    documents.take(bytes);
  };
  request.on_err = [&](std::string_view bytes) { messages.take(bytes); };

  const InterruptGuard guard;
  int passed_on = 0;
  request.interrupted = [&] {
    if (InterruptGuard::count() <= passed_on) return false;
    passed_on++;
    return true;
  };

  RunOptions left = options;
  for (bool again = false;; again = true) {
    left.methods.assign(options.methods.begin() + static_cast<std::ptrdiff_t>(documents.done()), options.methods.end());
    request.command = guest_command(left);
    request.run_limit = time_limit(size, options.chunk, left.methods.size());
    try {
      const int status = lab::run_guest(request).exit_status;
      progress.clear();
      if (status != 0) throw Passed{status};  // the guest has said why
      return;
    } catch (const lab::GuestDied& died) {
      progress.clear();
      documents.abandon();
      if (again || InterruptGuard::count()) throw;
      fprintf(stderr, "zctrace: %s\nzctrace: once more\n", died.what());
    }
  }
}

}  // namespace zctrace::commands
