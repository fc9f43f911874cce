#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/claims/judged.h"
#include "model/timeline/model.h"

/// The experiments that claims are judged by. Each leaves one document, NAME.json.
namespace zctrace::claims {

struct Experiment {
  std::string_view name;
  std::string_view
      method;             ///< of a traced run; empty: an untraced program of that name (`zctrace-workload experiment`)
  std::string_view path;  ///< "file", "pipe", "loopback"; empty: the network of where it runs
  std::string_view offload;  ///< "sg=off"; empty: as the device comes
  uint64_t chunk = 64 << 10;
  bool warm = false;
  bool timed = false;  ///< measured on the machine's own CPU where that can be: an emulated one has its own costs

  /// The trace of a real program, which tests/programs makes and nobody here: what tests/run is told to make it.
  std::string_view given = {};

  std::string_view former_name = {};  ///< under which older recordings are still read

  bool traced() const { return !method.empty() || !given.empty(); }
};

using ExperimentList = std::vector<const Experiment*>;

/// Bytes that each traced run transfers.
inline constexpr uint64_t kExperimentSize = 4 << 20;

/// Short ones first.
const std::vector<Experiment>& experiments();

/// Null if there is none of that name, or former name.
const Experiment* find_experiment(std::string_view name);

/// "sendfile, scatter-gather off"
Words title_of(const Experiment& experiment);

/// The command that repeats it: "zctrace run sendfile --offload sg=off".
std::string command_of(const Experiment& experiment);

/// Why the run is not one of this experiment's ("it is a run of splice"); empty if it is.
std::string mismatch(const Experiment& experiment, const timeline::Run& run);

}  // namespace zctrace::claims
