#include "model/summary/picture_claims.h"

#include <algorithm>
#include <optional>

#include "base/units.h"
#include "model/claims/method_claims.h"
#include "model/language/texts.h"
#include "model/quantities/quantities.h"
#include "model/rules/value.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {
namespace {

using namespace timeline;
using quantities::Amount;

/// Copies by DMA per byte, by what disk and card were asked for. A device without DMA cannot show what is claimed.
Amount dma_per_byte(const Run& run, const Ledger& ledger) {
  if (!run.source.dma || !run.path.dma || ledger.payload_bytes == 0) return {};
  const quantities::Subject subject{run, ledger};
  auto moved = quantities::sum(quantities::amount("disk/bytes", subject),
                               quantities::amount("network/dma_bytes", subject));
  if (moved.number) *moved.number /= static_cast<double>(ledger.payload_bytes);
  return moved;
}

void copies(Picture& picture, ArrowStyle style, Text label, const Amount& measured, std::optional<unsigned> claimed,
            Language language) {
  if (!measured.number || !claimed || !rules::contradicts(*measured.number, *claimed)) return;
  // A lower bound leaves room for more; what was inferred is no measurement.
  const bool beyond = measured.evidence == Evidence::at_least && *measured.number > *claimed;
  if (measured.evidence != Evidence::exact && !beyond) return;
  picture.claimed_copies.push_back({style, std::string(words(label, language)), *measured.number,
                                    quantities::shown(measured, quantities::Unit::ratio, language), *claimed,
                                    say(language, Text::claim_says, *claimed)});
}

/// The claimed round beside the measured one, call by call; nothing where the one or the other is not told so.
void calls(Picture& picture, const claims::MethodClaim& claim, double switches) {
  const auto is = [](const Call& call, const std::string& name) {
    return call.name == name || call.name.starts_with(name + " ×");
  };
  const bool told = *claim.mode_switches == 2 * claim.calls.size() &&
                    !rules::contradicts(switches, 2 * static_cast<double>(picture.round.size())) &&
                    std::ranges::all_of(picture.round, [](const Call& call) { return call.last == call.number + 1; });
  if (!told) return;
  size_t at = 0;
  for (auto& call : picture.round) call.unclaimed = true;
  for (const auto& name : claim.calls) {
    const auto found = std::find_if(picture.round.begin() + static_cast<std::ptrdiff_t>(at), picture.round.end(),
                                    [&](const Call& call) { return is(call, name); });
    if (found == picture.round.end()) {
      picture.claimed_calls.push_back({name, at});
    } else {
      found->unclaimed = false;
      at = static_cast<size_t>(found - picture.round.begin()) + 1;
    }
  }
}

}  // namespace

void hold_against_claim(Picture& picture, const Run& run, const Ledger& ledger, Language language) {
  const auto* claim = claim_of(run);
  if (claim == nullptr) return;
  const quantities::Subject sender{run, ledger};
  const auto switches = quantities::amount("mode_switches/per_chunk", sender).number;
  if (claim->mode_switches && switches && rules::contradicts(*switches, *claim->mode_switches)) {
    picture.switches.claim = say(language, Text::claim_says, *claim->mode_switches);
    calls(picture, *claim, *switches);
  }
  if (claim->in_part) return;
  copies(picture, ArrowStyle::copy, Text::cpu_copies_per_byte, quantities::amount("cpu_copies_per_byte", sender),
         claim->cpu_copies, language);
  copies(picture, ArrowStyle::dma, Text::dma_per_byte, dma_per_byte(run, ledger), claim->dma_copies, language);
}

}  // namespace zctrace::summary
