#include <nlohmann/json.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/io.h"
#include "base/units.h"
#include "workloads/experiments/benchmark.h"
#include "workloads/experiments/experiment.h"
#include "workloads/experiments/machine_facts.h"
#include "workloads/file/cache.h"
#include "workloads/file/source.h"
#include "workloads/file/unlinked_file.h"

namespace zctrace::workloads {
namespace {

constexpr uint64_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr uint64_t kFirst = 4 * kKiB, kStep = 4;
constexpr uint64_t kSmall = 4 * kMiB;                        ///< up to here more samples are taken
constexpr double kSampleSeconds = 0.025;                     ///< far above what one reading of the clock is off
constexpr size_t kFewest = 3, kFewestSmall = 5, kMost = 15;  ///< samples of each method
constexpr int kPopulated = 5;                                ///< times at most that a file is read into the cache

/// Bytes that could be held in memory without pushing anything else out; 0 if the kernel does not say.
uint64_t available_memory() {
  const std::string info = read_text("/proc/meminfo");
  const size_t at = info.find("MemAvailable:");
  unsigned long long kib = 0;
  if (at == info.npos || std::sscanf(&info[at], "MemAvailable: %llu", &kib) != 1) return 0;
  return kib * kKiB;
}

/// What one transfer took last.
double seconds(const Variant& variant) { return static_cast<double>(variant.samples.back().elapsed) / 1e9; }

class Sweep {
 public:
  explicit Sweep(const ExperimentOptions& options)
      : options_(options),
        file_(create_unlinked(options.work_directory.empty() ? default_work_directory() : options.work_directory, 0)),
        deadline_(Clock::now() +
                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*options.budget))),
        path_(make_path("loopback")),
        receiver_(*path_) {}

  void run(Json& document) {
    const char* why = nullptr;
    for (uint64_t size = kFirst; size <= options_.most; size *= kStep) {
      if (why == nullptr) why = measure(size);
      if (why != nullptr) left_out_.push_back({{"size", size}, {"why", why}});
    }
    use_what_is_left();
    document["series"] = series();
    document["left_out"] = left_out_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  double seconds_left() const { return std::chrono::duration<double>(deadline_ - Clock::now()).count(); }

  /// Null, or why not: this size and, with it, the larger ones.
  const char* measure(uint64_t size) {
    const size_t fewest = size <= kSmall ? kFewestSmall : kFewest;
    if (available_memory() < size + 128 * kMiB) return "memory";
    // As the last size went, this one takes so many times as long: to prepare, and for the fewest rounds.
    double pair = 0, shortest = 0;
    if (!benchmarks_.empty()) {
      const auto& last = benchmarks_.back().variants();
      const double first = seconds(last[0]), second = seconds(last[1]);
      pair = kStep * (first + second);
      shortest = kStep * std::min(first, second);
      if (kStep * preparing_ + pair * kFewest > seconds_left()) return "time";
    }

    tell_stage(options_, fmt::format("sweep: {}", format_size(size)));
    const auto start = Clock::now();
    if (const char* why = grow_file(size)) return why;
    preparing_ = std::chrono::duration<double>(Clock::now() - start).count();

    Benchmark benchmark(receiver_, {{&method_of("mmap_write")}, {&method_of("sendfile")}}, size, size);
    // Where one transfer is a sample nothing is left to settle.
    if (shortest < kSampleSeconds) benchmark.warm_up(file_.get(), kSampleSeconds);
    while (benchmark.rounds() < fewest && benchmark.round_seconds() < seconds_left()) benchmark.round(file_.get());
    if (benchmark.rounds() < kFewest) return "time";
    benchmarks_.push_back(std::move(benchmark));
    return nullptr;
  }

  /// Null, or why not. The file is never written, and nothing comes from a disk: its pages in the cache hold zeros, as
  /// good as any others to be sent.
  const char* grow_file(uint64_t size) {
    const off_t length = static_cast<off_t>(size);
    if (fallocate(file_.get(), 0, 0, length) < 0) {
      if (errno != EOPNOTSUPP) return "disk";
      if (ftruncate(file_.get(), length) < 0) return "disk";
    }
    // A kernel that reclaims memory ahead of need takes some of it back at once.
    for (int i = 0; i < kPopulated; ++i) {
      void* mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file_.get(), 0);
      if (mapped == MAP_FAILED) return "memory";
      munmap(mapped, size);
      if (resident_bytes(file_.get(), size) == size) return nullptr;
    }
    return "memory";
  }

  /// More samples of every size, all over again, so that a busy moment of the machine falls on one sample of each.
  void use_what_is_left() {
    tell_stage(options_, "sweep: once more");
    for (bool any = true; any;) {
      any = false;
      for (Benchmark& benchmark : benchmarks_) {
        if (benchmark.rounds() >= kMost || benchmark.round_seconds() > seconds_left()) continue;
        benchmark.round(file_.get());
        any = true;
      }
    }
  }

  Json series() const {
    Json rows = Json::array();
    for (const Benchmark& benchmark : benchmarks_) {
      for (size_t i = 0; i < benchmark.variants().size(); ++i) {
        Json row{{"method", benchmark.variants()[i].method->name},
                 {"size", benchmark.size()},
                 {"transfers", benchmark.variants()[i].transfers},
                 {"elapsed_ns", Json::array()},
                 {"cpu_ns", Json::array()}};
        for (const Sample& sample : benchmark.variants()[i].samples) {
          row["elapsed_ns"].push_back(sample.elapsed);
          row["cpu_ns"].push_back(sample.cpu);
        }
        rows.push_back(row);
      }
    }
    return rows;
  }

  const ExperimentOptions& options_;
  Fd file_;  ///< a smaller transfer is its beginning
  Clock::time_point deadline_;
  std::unique_ptr<Path> path_;
  Receiver receiver_;
  double preparing_ = 0;
  std::vector<Benchmark> benchmarks_;
  Json left_out_ = Json::array();
};

}  // namespace

void sweep_sizes(const ExperimentOptions& options, Json& document) {
  document["path"] = "loopback";
  document["receiver"] = "discards";
  document["cache"] = "warm";
  document["cpu"] = cpu_facts();
  document["budget_seconds"] = *options.budget;
  Sweep(options).run(document);
}

}  // namespace zctrace::workloads
