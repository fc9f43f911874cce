#include "userspace/commands/support/claims_results.h"

#include <sys/utsname.h>

#include <set>

#include "model/claims/results.h"
#include "userspace/commands/support/choose_kernel.h"
#include "userspace/commands/support/experiments.h"
#include "userspace/lab/cache.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

namespace {

namespace fs = std::filesystem;

/// Where the results of a kernel are kept; another zctrace may measure otherwise.
fs::path kept_folder(const std::string& kernel) {
  std::string release = kernel;
  if (release.empty()) {
    utsname name;
    uname(&name);
    release = name.release;
  }
  return lab::cache_folder() / "claims" / ZCTRACE_VERSION / (release + (kernel.empty() ? ".host" : ".lab"));
}

/// What was timed on this machine's own CPU is the same for every lab kernel. Returns the experiments' names.
std::set<std::string_view> share_timed(const fs::path& from, const fs::path& to) {
  const claims::Results results(from);
  std::set<std::string_view> shared;
  for (const auto& experiment : claims::experiments()) {
    const auto* program = experiment.timed ? results.program(experiment.name) : nullptr;
    if (!program || program->at("kernel").at("where") != "host") continue;
    const std::string file = std::string(experiment.name) + ".json";
    std::error_code error;  // then it is measured again
    if (fs::copy_file(from / file, to / file, fs::copy_options::overwrite_existing, error))
      shared.insert(experiment.name);
  }
  return shared;
}

}  // namespace

fs::path claims_results(const ClaimsMeasuring& asked) {
  const fs::path& before = asked.before;
  const std::string kernel = choose_kernel(asked.kernel, capture::CopyMode::exact, false, asked.quiet);
  const fs::path folder = kept_folder(kernel);
  lab::make_writable(folder);
  terminal::Progress progress;
  const lab::FileLock lock(folder / ".lock");
  std::set<std::string_view> shared;
  if (!before.empty() && before != folder) shared = share_timed(before, folder);
  // What is measured anew need not even be readable.
  const claims::Results kept = asked.fresh && before != folder ? claims::Results() : claims::Results(folder);
  claims::ExperimentList missing;
  for (const auto* experiment : asked.experiments)
    if (!experiment->given && !kept.has(experiment->name) && !shared.contains(experiment->name))
      missing.push_back(experiment);
  if (!missing.empty()) measure(kernel, missing, folder, progress);
  return folder;
}

}  // namespace zctrace::commands
