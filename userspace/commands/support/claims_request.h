#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "model/claims/experiments.h"

namespace zctrace::commands {

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

}  // namespace zctrace::commands
