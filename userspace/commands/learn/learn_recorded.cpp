#include <fmt/chrono.h>
#include <sys/stat.h>

#include <ctime>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/claims/results.h"
#include "model/language/texts.h"
#include "model/timeline/json_read.h"
#include "model/tour/tour.h"
#include "userspace/commands/learn/learn_runs.h"

namespace zctrace::commands {
namespace {

class Recorded : public TourRuns {
 public:
  explicit Recorded(const std::string& folder) {
    for (const auto& run : tour::built_in().runs) {
      const auto& experiment = *claims::find_experiment(run.name);
      const auto path = claims::result_file(folder, experiment);
      if (path.empty()) continue;
      auto document = std::move(timeline::read_summaries(path.string()).front());
      if (const auto other = claims::mismatch(experiment, document.run); !other.empty())
        throw Error(ExitStatus::failed, path.string() + " is not the recording that the tour needs: " + other,
                    claims::command_of(experiment) + " -o " + path.string());
      documents_[run.name] = std::move(document);
      files_[run.name] = path.string();
    }
    if (files_.empty())
      throw Error(ExitStatus::failed, "no recording of the tour in " + folder, "zctrace run all -o " + folder);
  }

  void wait_for(const std::vector<std::string>&) override {}

  std::string file(const std::string& name) const override {
    const auto found = files_.find(name);
    return found == files_.end() ? "" : found->second;
  }

  std::string recorded(Language language) const override {
    const auto& [name, path] = *files_.begin();
    const auto& kernel = documents_.at(name).run.kernel;
    struct stat facts {};
    std::string date = "?";
    if (stat(path.c_str(), &facts) == 0) date = fmt::format("{:%Y-%m-%d}", fmt::localtime(facts.st_mtime));
    return say_either(language, kernel.where == "lab", Text::tour_recorded_on, Text::tour_recorded_on_host,
                      kernel.release, date);
  }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace

std::unique_ptr<TourRuns> recorded_runs(const std::string& folder) { return std::make_unique<Recorded>(folder); }

}  // namespace zctrace::commands
