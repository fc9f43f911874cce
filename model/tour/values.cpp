#include "model/tour/values.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/claims/method_claims.h"
#include "model/summary/figure_list.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"

namespace zctrace::tour {

using namespace claims;
namespace {

using namespace timeline;
using summary::Figure;

/// As figure lists have it; what is in none of them was not there, or could not be seen.
Figure figure_of(const Document& document, const std::string& id, Language language) {
  for (auto& figure : summary::figure_list(document.run, document.ledger, language))
    if (figure.id == id) return figure;
  Figure like;
  like.id = id;
  return summary::absent(document.run, like, language);
}

/// Less than that of the payload is no copy to speak of.
constexpr double kLeast = 0.1;

void largest_copy(const Document& document, Language language, TourMeasured& measured) {
  measured.evidence = document.run.evidence.copies;
  if (document.run.evidence.copies_unknown || side_bytes(document.ledger, Side::sender) == 0)
    measured.evidence = Evidence::none;
  if (measured.evidence == Evidence::none) return;
  auto all = edges(document.ledger, Side::sender);
  std::erase_if(all, [](const Edge& edge) { return edge.by != Mover::cpu; });
  const auto most = std::ranges::max_element(all, {}, &Edge::bytes);
  const auto payload = static_cast<double>(side_bytes(document.ledger, Side::sender));
  if (most == all.end() || static_cast<double>(most->bytes) < kLeast * payload) {
    measured.edge = kNoCopy;
    measured.text = words(Text::tour_no_copy, language);
    return;
  }
  measured.edge = summary::edge_id(Side::sender, *most);
  measured.text =
      summary::mark(measured.evidence) +
      say(language, Text::page_from_to, summary::word(most->from, language), summary::word(most->to, language));
  measured.how = figure_of(document, measured.edge, language).detail;
}

/// "2.00" for ratios, else as the figure has it.
void number(const TourValue& value, const Document& document, Language language, TourMeasured& measured) {
  const auto figure = figure_of(document, value.figure, language);
  measured.text = figure.value;
  measured.how = figure.detail;
  measured.number = figure.number;
  measured.evidence = figure.evidence;
  const auto join = [&](const std::string& id, const auto& together) {
    if (id.empty()) return;
    const auto other = figure_of(document, id, language);
    measured.evidence = std::max(measured.evidence, other.evidence);  // the weaker one
    if (measured.number && other.number)
      measured.number = together(*measured.number, *other.number);
    else
      measured.number.reset();
  };
  join(value.plus, [](double a, double b) { return a + b; });
  join(value.per, [](double a, double b) { return b == 0 ? NAN : a / b; });
  if (measured.number && std::isnan(*measured.number)) measured.number.reset();
  if (!measured.number) {
    measured.evidence = Evidence::none;
    measured.text = words(Text::unknown, language);
  } else if (!value.per.empty()) {
    measured.text = summary::mark(measured.evidence) + format_ratio(*measured.number);
  } else if (!value.plus.empty() || measured.text == "-") {
    measured.text = summary::mark(measured.evidence) + format_count(static_cast<uint64_t>(*measured.number));
  }
}

std::optional<unsigned> claimed(const TourValue& value, const Run& run) {
  const auto* claim = claim_for(run.method, run.path.scatter_gather);
  if (claim == nullptr || claim->in_part) return {};
  if (value.claim == "cpu_copies") return claim->cpu_copies;
  if (value.claim == "mode_switches") return claim->mode_switches;
  if (value.claim == "dma_copies") return claim->dma_copies;
  return {};
}

}  // namespace

TourMeasured look_up(const TourValue& value, const TourDocuments& documents, Language language) {
  TourMeasured measured;
  measured.text = words(Text::unknown, language);
  const auto found = documents.find(value.run);
  if (found == documents.end()) return measured;
  const auto& document = found->second;
  if (value.figure == kLargestCopy)
    largest_copy(document, language, measured);
  else
    number(value, document, language, measured);
  measured.claimed = claimed(value, document.run);
  if (measured.claimed && measured.known() && measured.number)
    measured.agrees = !contradicts(*measured.number, *measured.claimed);
  return measured;
}

bool is_measured(const TourMeasured& measured, const std::variant<double, std::string>& predicted) {
  if (const auto* edge = std::get_if<std::string>(&predicted)) return measured.edge == *edge;
  return measured.number && !contradicts(*measured.number, std::get<double>(predicted));
}

}  // namespace zctrace::tour
