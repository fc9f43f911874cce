#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Experiments that are not transfers to be traced: each asks the running kernel one question and prints one JSON
/// document (experiment.schema.json).
namespace zctrace::workloads {

using Json = nlohmann::ordered_json;

struct ExperimentOptions {
  std::string work_directory = {};    ///< for its unlinked files; empty: default_work_directory()
  bool progress = false;              ///< tell the stages on standard error, one marked line each
  std::optional<double> budget = {};  ///< seconds to spend; without: the experiment's own
  uint64_t most = uint64_t{1} << 30;  ///< sweep: the largest size, bytes
  uint64_t size = 16U << 20;          ///< A/B benchmark: bytes per transfer
  uint64_t chunk = 64U << 10;         ///< A/B benchmark: bytes per round
};

struct Experiment {
  const char* name;
  const char* summary;  ///< one line
  double budget;        ///< seconds it spends if nobody says otherwise; 0: it has none and takes what it takes
  unsigned patience;    ///< seconds beyond the budget after which it gives up
  void (*run)(const ExperimentOptions&, Json& document);  ///< adds its members. Throws Error.
};

const std::vector<Experiment>& experiments();

/// Runs it and prints its document. Throws Error.
void run_experiment(const Experiment& experiment, const ExperimentOptions& options);

/// Tells a stage, if they are asked for.
void tell_stage(const ExperimentOptions& options, std::string_view stage);

void ask_descriptors(const ExperimentOptions& options, Json& document);
void look_for_payload(const ExperimentOptions& options, Json& document);
void sweep_sizes(const ExperimentOptions& options, Json& document);
void run_ab_benchmark(const ExperimentOptions& options, Json& document);

}  // namespace zctrace::workloads
