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

namespace {

using namespace timeline;
using rules::Value;
using summary::Figure;

/// As figure lists have it; what is in none of them was not there, or could not be seen.
Figure figure_of(const Document& document, const std::string& id, Language language) {
  for (auto& figure : summary::figure_list(document.run, document.ledger, language))
    if (figure.id == id) return figure;
  Figure like;
  like.id = id;
  return summary::absent(document.run, like, language);
}

template <class Rendered>
Words in_both(const Rendered& rendered) {
  return {rendered(Language::english), rendered(Language::chinese)};
}

/// Less than that of the payload is no copy to speak of.
constexpr double kLeast = 0.1;

void largest_copy(const Document& document, Value& value) {
  value.evidence = document.run.evidence.copies;
  if (document.run.evidence.copies_unknown || side_bytes(document.ledger, Side::sender) == 0)
    value.evidence = Evidence::none;
  if (value.evidence == Evidence::none) return;
  auto all = edges(document.ledger, Side::sender);
  std::erase_if(all, [](const Edge& edge) { return edge.by != Mover::cpu; });
  const auto most = std::ranges::max_element(all, {}, &Edge::bytes);
  const auto payload = static_cast<double>(side_bytes(document.ledger, Side::sender));
  if (most == all.end() || static_cast<double>(most->bytes) < kLeast * payload) {
    value.id = kNoCopy;
    value.text = both(Text::tour_no_copy);
    return;
  }
  value.id = summary::edge_id(Side::sender, *most);
  value.text = in_both([&](Language language) {
    return summary::mark(value.evidence) +
           say(language, Text::page_from_to, summary::word(most->from, language), summary::word(most->to, language));
  });
  value.how = in_both([&](Language language) { return figure_of(document, value.id, language).detail; });
}

/// "2.00" for ratios, else as the figure has it.
void number(const TourValue& asked, const Document& document, Value& value) {
  const auto figure = figure_of(document, asked.figure, Language::english),
             in_chinese = figure_of(document, asked.figure, Language::chinese);
  value.text = {figure.value, in_chinese.value};
  value.how = {figure.detail, in_chinese.detail};
  value.number = figure.number;
  value.evidence = figure.evidence;
  const auto join = [&](const std::string& id, const auto& together) {
    if (id.empty()) return;
    const auto other = figure_of(document, id, Language::english);
    value.evidence = std::max(value.evidence, other.evidence);  // the weaker one
    if (value.number && other.number)
      value.number = together(*value.number, *other.number);
    else
      value.number.reset();
  };
  join(asked.plus, [](double a, double b) { return a + b; });
  join(asked.per, [](double a, double b) { return b == 0 ? NAN : a / b; });
  if (value.number && std::isnan(*value.number)) value.number.reset();
  if (!value.number) {
    value.evidence = Evidence::none;
    value.text = both(Text::unknown);
  } else if (!asked.per.empty()) {
    value.text = plain(summary::mark(value.evidence) + format_ratio(*value.number));
  } else if (!asked.plus.empty() || value.text.english == "-") {
    value.text = plain(summary::mark(value.evidence) + format_count(static_cast<uint64_t>(*value.number)));
  }
}

std::optional<unsigned> claimed(const TourValue& value, const Run& run) {
  const auto* claim = claims::claim_for(run.method, run.path.scatter_gather);
  if (claim == nullptr || claim->in_part) return {};
  if (value.claim == "cpu_copies") return claim->cpu_copies;
  if (value.claim == "mode_switches") return claim->mode_switches;
  if (value.claim == "dma_copies") return claim->dma_copies;
  return {};
}

}  // namespace

Value look_up(const TourValue& asked, const TourDocuments& documents) {
  Value value;
  value.evidence = Evidence::none;
  value.text = both(Text::unknown);
  const auto found = documents.find(asked.run);
  if (found == documents.end()) return value;
  const auto& document = found->second;
  if (asked.figure == kLargestCopy)
    largest_copy(document, value);
  else
    number(asked, document, value);
  value.claimed = claimed(asked, document.run);
  if (value.claimed && known(value) && value.number) value.agrees = !rules::contradicts(*value.number, *value.claimed);
  return value;
}

bool known(const Value& value) {
  return value.evidence == Evidence::exact && (value.number.has_value() || !value.id.empty());
}

}  // namespace zctrace::tour
