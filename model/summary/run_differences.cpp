#include "model/summary/run_differences.h"

#include <algorithm>
#include <set>

#include "base/units.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {
namespace {

using namespace timeline;

struct Aspect {
  std::string text;    ///< empty: not known
  bool usual = false;  ///< tells nothing apart: the other runs' is the remarkable one
  bool operator==(const Aspect&) const = default;
};

/// One aspect of a run per entry, in the same order for every run.
std::vector<Aspect> aspects(const Run& run, Language language) {
  const auto& path = run.path;
  const bool device = !path.device.empty();
  std::string cache, source, way;
  if (run.cache == "cold" || run.cache == "warm")
    cache = words(run.cache == "cold" ? Text::cold_cache : Text::warm_cache, language);
  if (!run.source.filesystem.empty())
    source = run.source.device.empty() || run.source.device == run.source.filesystem
                 ? run.source.filesystem
                 : say(language, Text::compared_source, run.source.filesystem, run.source.device);
  const auto& driver = path.driver.empty() || path.driver == path.device ? path.kind : path.driver;
  way = device             ? say(language, Text::with_remark, path.device, driver)
        : has_network(run) ? path.kind
                           : std::string(word(target_of(run), language));
  const auto offload = [&](Text text, bool on) {
    return Aspect{device ? say_chosen(language, text, words(on ? Text::on : Text::off, language)) : "", on};
  };
  return {{title(run, language)},
          {run.size == 0 ? "" : format_size(run.size)},
          {run.chunk == 0 ? "" : say(language, Text::compared_chunks, format_size(run.chunk))},
          {cache},
          {kernel_text(run.kernel, language)},
          {run.kernel.arch},
          {run.source.file},
          {source},
          {way},
          offload(Text::compared_sg, path.scatter_gather),
          offload(Text::compared_checksum, path.tx_checksum),
          offload(Text::compared_tso, path.tso),
          {say(language, Text::compared_copies_evidence, word(run.evidence.copies, language))},
          {run.complete ? "" : std::string(words(Text::compared_interrupted, language))}};
}

}  // namespace

RunDifferences run_differences(std::span<const Run* const> runs, Language language) {
  RunDifferences differences;
  differences.apart.resize(runs.size());
  if (runs.empty()) return differences;
  std::vector<std::vector<Aspect>> all;
  for (const auto* run : runs) all.push_back(aspects(*run, language));
  for (size_t aspect = 0; aspect < all[0].size(); ++aspect) {
    const bool same = std::ranges::all_of(all, [&](const auto& run) { return run[aspect] == all[0][aspect]; });
    if (same && !all[0][aspect].text.empty()) differences.shared.push_back(all[0][aspect].text);
    for (size_t run = 0; !same && run < all.size(); ++run)
      if (const auto& own = all[run][aspect]; !own.usual && !own.text.empty())
        differences.apart[run].push_back(own.text);
  }
  const std::set<std::vector<std::string>> distinct(differences.apart.begin(), differences.apart.end());
  if (distinct.size() < runs.size())
    for (size_t run = 0; run < runs.size(); ++run)
      differences.apart[run].push_back(say(language, Text::compared_run_number, run + 1));
  return differences;
}

std::string shared_sentence(const RunDifferences& differences, Language language) {
  std::string shared;
  for (const auto& aspect : differences.shared) shared += (shared.empty() ? "" : " · ") + aspect;
  return shared.empty() ? "" : say(language, Text::labelled, words(Text::compare_all_runs, language), shared);
}

}  // namespace zctrace::summary
