#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/model.h"

namespace zctrace::summary {

/// What was run, split into what all runs share and what tells each from the others.
struct RunDifferences {
  std::vector<std::string> shared;              ///< "4 MiB", "cold cache"
  std::vector<std::vector<std::string>> apart;  ///< one list per run: "sendfile", "scatter-gather off"
};

/// Runs that nothing tells apart are numbered.
RunDifferences run_differences(std::span<const timeline::Run* const> runs, Language language);

/// "in all runs: 4 MiB · cold cache"; empty where they share nothing.
std::string shared_sentence(const RunDifferences& differences, Language language);

}  // namespace zctrace::summary
