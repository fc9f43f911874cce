#include <nlohmann/json.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>

#include "base/io.h"
#include "workloads/experiments/benchmark.h"
#include "workloads/experiments/experiment.h"
#include "workloads/experiments/machine_facts.h"
#include "workloads/file/source.h"
#include "workloads/net/ethtool.h"

namespace zctrace::workloads {
namespace {

// Less than the receiving card has descriptors for: a card that is emulated, and slow at that, drops what comes too
// fast, and the time would be that of sending it again.
constexpr int kReceiveBuffer = 48 * 1024;

constexpr size_t kFewest = 3, kMost = 30;  ///< samples of each variant

struct Entry {
  const char* method;
  bool scatter_gather;
};

constexpr Entry kEntries[] = {{"sendfile", false}, {"sendfile", true}, {"splice", true}, {"read_write", true}};

/// With a device whose scatter-gather is ours to switch.
std::unique_ptr<Path> find_path() {
  if (in_lab()) return make_path("nic");
  if (geteuid() != 0) {
    throw Error(ExitStatus::not_permitted, "switching scatter-gather needs a network device of its own",
                "sudo zctrace-workload experiment ab_benchmark");
  }
  return make_path("veth");
}

}  // namespace

void run_ab_benchmark(const ExperimentOptions& options, Json& document) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto seconds_left = [&] {
    return *options.budget - std::chrono::duration<double>(Clock::now() - start).count();
  };
  tell_stage(options, "ab_benchmark: preparing the path and the file");
  const std::unique_ptr<Path> path = find_path();
  const Source source =
      prepare_source({.size = options.size, .work_directory = options.work_directory, .cache = Cache::warm});
  Receiver receiver(*path, kReceiveBuffer);

  Features features[std::size(kEntries)];
  std::vector<Variant> variants;
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    const auto switch_device = [&, i] {
      OffloadWish wish;
      wish.sg = kEntries[i].scatter_gather;
      at_the_senders_end(*path, [&] { features[i] = wish_features(path->facts().device, wish); });
    };
    variants.push_back({&method_of(kEntries[i].method), switch_device});
  }
  Benchmark benchmark(receiver, variants, options.size, options.chunk);
  benchmark.warm_up(source.fd.get(), *options.budget / 100);
  while (benchmark.rounds() < kMost && (benchmark.rounds() < kFewest || benchmark.round_seconds() < seconds_left())) {
    tell_stage(options, fmt::format("ab_benchmark: round {}", benchmark.rounds() + 1));
    benchmark.round(source.fd.get());
  }

  document["path"] = path->facts().kind;
  document["receiver"] = "discards";
  document["cache"] = "warm";
  document["cpu"] = cpu_facts();
  document["budget_seconds"] = *options.budget;
  document["device"] = {{"name", path->facts().device}, {"driver", path->facts().driver}, {"dma", path->facts().dma}};
  document["receive_buffer"] = kReceiveBuffer;
  document["chunk"] = options.chunk;
  document["series"] = Json::array();
  for (size_t i = 0; i < std::size(kEntries); ++i) {
    Json row{{"method", kEntries[i].method},
             {"offload", kEntries[i].scatter_gather ? "sg=on" : "sg=off"},
             {"scatter_gather", features[i].scatter_gather},
             {"tx_checksum", features[i].tx_checksum},
             {"tso", features[i].tso},
             {"gso", features[i].gso},
             {"size", options.size},
             {"transfers", benchmark.variants()[i].transfers},
             {"elapsed_ns", Json::array()},
             {"cpu_ns", Json::array()},
             {"machine_cpu_ns", Json::array()},
             {"retransmits", Json::array()}};
    for (const Sample& sample : benchmark.variants()[i].samples) {
      row["elapsed_ns"].push_back(sample.elapsed);
      row["cpu_ns"].push_back(sample.cpu);
      row["machine_cpu_ns"].push_back(sample.machine_cpu);
      row["retransmits"].push_back(sample.retransmits);
    }
    document["series"].push_back(row);
  }
}

}  // namespace zctrace::workloads
