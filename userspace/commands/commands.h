#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/claims/experiments.h"

namespace zctrace {
class Command;
}

/// The subcommands, one file each.
namespace zctrace::commands {

/// Those that work on recordings alone: no privileges, no libbpf, any machine.
void add_show(Command& program);
void add_chart(Command& program);
void add_report(Command& program);
void add_export(Command& program);
void add_compare(Command& program);

/// What `claims` wants measured.
struct ClaimsMeasuring {
  std::string kernel;  ///< auto, host, or a lab kernel
  claims::ExperimentList experiments;
  bool fresh = false;            ///< what was measured before is measured again
  bool quiet = false;            ///< not a word of where and why
  std::filesystem::path before;  ///< the results of a kernel just measured; may be empty
};
/// Returns the folder of the results. Empty where this zctrace cannot measure.
using ClaimsResults = std::function<std::filesystem::path(const ClaimsMeasuring&)>;
void add_claims(Command& program, const ClaimsResults& results_on);

/// Those that measure. `traced`: the command to be traced, once the command line is read; may be empty.
void add_list(Command& program);
void add_run(Command& program);
void add_exec(Command& program, const std::vector<std::string>& traced);
void add_attach(Command& program);
void add_top(Command& program, const std::vector<std::string>& traced);
void add_learn(Command& program);
void add_doctor(Command& program);
void add_lab(Command& program);
void add_measure(Command& program);

}  // namespace zctrace::commands
