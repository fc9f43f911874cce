#include "userspace/commands/support/claims_results.h"

#include <sys/utsname.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/output_file.h"
#include "model/claims/recordings.h"
#include "model/claims/results.h"
#include "model/timeline/json_read.h"
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

/// "6.12" of "6.12.107+deb13-amd64".
std::string series(const std::string& release) {
  const size_t dot = release.find('.');
  return release.substr(0, std::min(release.find_first_not_of("0123456789", dot + 1), release.size()));
}

/// Is it a trace that was made here?
bool is_own(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error) && !timeline::read_summaries(file.string()).front().run.recorded;
}

/// Where nobody here traced the program: the document that travels with zctrace. Of several kernels side by side only
/// what was recorded on one of that series.
void lay_out_recordings(const ClaimsMeasuring& asked, const std::string& kernel, const fs::path& folder) {
  for (const auto* experiment : asked.experiments) {
    const fs::path file = folder / (std::string(experiment->name) + ".json");
    if (experiment->given.empty() || is_own(file)) continue;
    const auto document = claims::recording_of(experiment->name);
    const auto recorded_on = [&] { return nlohmann::json::parse(document)["run"]["kernel"]["release"]; };
    if (document.empty() || (asked.kernel != "auto" && series(recorded_on()) != series(kernel))) {
      std::error_code error;
      fs::remove(file, error);  // of another zctrace of this version
      continue;
    }
    OutputFile output(file.string());
    output.write(document);
    output.commit();
  }
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
    if (experiment->given.empty() && !kept.has(experiment->name) && !shared.contains(experiment->name))
      missing.push_back(experiment);
  if (!missing.empty()) measure(kernel, missing, folder, progress);
  lay_out_recordings(asked, kernel, folder);
  return folder;
}

}  // namespace zctrace::commands
