#pragma once

#include <string>
#include <vector>

#include "base/cgroup.h"
#include "base/running.h"

namespace zctrace::record {

/// Which running programs to trace, as asked for on the command line.
struct TargetRequest {
  std::vector<std::string> pids = {};  ///< a word may hold several: "12,13"
  std::vector<std::string> names = {}, units = {}, cgroups = {}, containers = {};
  bool all = false;

  bool empty() const {
    return !all && pids.empty() && names.empty() && units.empty() && cgroups.empty() && containers.empty();
  }
};

/// The same, found on this machine.
struct Targets {
  std::vector<Running> processes;  ///< asked for by their numbers
  std::vector<std::string> names;
  std::vector<Cgroup> cgroups;  ///< of units and containers too; of one hierarchy
  bool all = false;
  std::vector<std::string> command;  ///< what a recording calls it: a process's command, else the options
  std::string title;                 ///< "4711 python3 server.py", "nginx.service"

  /// Why there is nothing more to trace; empty while there is.
  std::string ended() const;
};

/// Looks for them. Throws Error: there is none such (failed), not permitted, or an option's value is none (usage); with
/// what to do about it.
Targets find_targets(const TargetRequest& request);

}  // namespace zctrace::record
