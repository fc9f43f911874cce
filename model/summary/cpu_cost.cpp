#include "model/summary/cpu_cost.h"

#include <fmt/format.h>

#include "base/units.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

bool is_emulated(const Run& run) { return run.kernel.where == "lab"; }

/// Digits behind the point: as many as the error lets mean something.
int digits_of(const SampledShare& share) { return share.error < 0.0095 ? 1 : 0; }

std::string error_text(const SampledShare& share) {
  return fmt::format("{:.{}f}", share.error * 100, digits_of(share));
}

std::string samples_text(uint64_t samples, Language language) {
  return say_count(language, samples, Text::cpu_one_sample, Text::cpu_many_samples);
}

/// "sampled: 812 samples in 12 passes, nothing traced"
std::string source_text(const Run& run, const CpuCost& cost, Side side, Language language) {
  auto text = say_either(language, is_emulated(run), Text::cpu_sampled_emulated, Text::cpu_sampled,
                         samples_text(samples_of(cost, side), language),
                         say_count(language, cost.passes, Text::cpu_one_pass, Text::cpu_many_passes));
  if (cost.lost > 0)
    text += std::string(words(Text::comma, language)) + say(language, Text::cpu_lost, format_count(cost.lost));
  return text;
}

std::string line_of(const Run& run, const Ledger& ledger, Side side, Language language) {
  const CpuCost& cost = *ledger.cpu_cost;
  const quantities::Subject subject{run, ledger, side};
  const auto shown = [&](quantities::Id id) { return quantities::shown(id, subject, language); };
  const std::string comma(words(Text::comma, language));
  std::string text;
  const auto append = [&](const std::string& more) { text += (text.empty() ? "" : comma) + more; };
  if (applies(*quantities::Id("cpu_cost/per_mib"), subject))
    append(say(language, Text::cpu_per_mib, shown("cpu_cost/per_mib")));
  const auto add = [&](CpuWork work, TextWith<1> in, bool always) {
    const auto share = share_of(cost, side, work);
    if (share && (always || share->part > 0)) append(say(language, in, share_text(*share)));
  };
  add(CpuWork::copy, Text::cpu_in_copies, true);
  add(CpuWork::transform, Text::cpu_in_ciphers, false);
  add(CpuWork::program, Text::cpu_in_program, false);
  if (cost.of(side).events)
    append(say(language, Text::cpu_events, shown("cpu_cost/cycles"), shown("cpu_cost/instructions"),
               shown("cpu_cost/cache_misses")));
  return say(language, Text::with_remark, text, source_text(run, cost, side, language));
}

}  // namespace

std::string share_text(const SampledShare& share) {
  return fmt::format("{:.{}f}% ± {}", share.part * 100, digits_of(share), error_text(share));
}

std::vector<CpuLine> cpu_lines(const Run& run, const Ledger& ledger, Language language) {
  std::vector<CpuLine> lines;
  if (!ledger.cpu_cost) return lines;
  const Side other = run.judged == Side::sender ? Side::receiver : Side::sender;
  for (const Side side : {run.judged, other})
    if (side == Side::sender || has_receiver(run))
      lines.push_back({side, side == Side::sender ? Text::cpu_cost : Text::cpu_cost_receiver,
                       line_of(run, ledger, side, language)});
  return lines;
}

std::string cpu_detail(const quantities::Quantity& quantity, const quantities::Subject& subject, Language language) {
  const CpuCost& cost = *subject.ledger.cpu_cost;
  const auto source = source_text(subject.run, cost, subject.side, language);
  const bool copies = quantity.label == Text::figure_copy_share;
  if (!copies && quantity.label != Text::figure_transform_share) return source;
  const auto share = share_of(cost, subject.side, copies ? CpuWork::copy : CpuWork::transform);
  return share ? say(language, Text::cpu_error, error_text(*share), source) : source;
}

}  // namespace zctrace::summary
