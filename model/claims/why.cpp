#include "model/claims/why.h"

#include "model/claims/quantities.h"

namespace zctrace::claims {
namespace {

/// How a quantity came out, in all settings or in the one of that name: it agrees where all of them do, and differs
/// where one does.
Value came_out(const std::string& name, const Claim& claim, const Judged& judged) {
  const auto slash = name.find('/');
  const auto quantity = name.substr(0, slash);
  Value value;
  for (size_t i = 0; i < judged.settings.size(); ++i) {
    if (slash != name.npos && claim.settings.at(i).name != name.substr(slash + 1)) continue;
    for (const auto& part : judged.settings[i].parts)
      if (part.quantity == quantity && part.agrees) value.agrees = value.agrees.value_or(true) && *part.agrees;
  }
  return value;
}

/// What the claim's sentences may speak of.
Value look_up(const std::string& name, const Claim& claim, const Judged& judged, const Results& results) {
  Value value;
  if (name == "verdict")
    value.id = text(judged.verdict);
  else if (name.find('@') == name.npos)
    value = came_out(name, claim, judged);
  else
    value = measured(results, query_of(name));
  if (value.text.empty()) value.text = both(Text::claims_unknown);
  return value;
}

Words differences(const Judged& judged) {
  std::vector<Words> sentences;
  for (const auto& setting : judged.settings)
    for (const auto& part : setting.parts) {
      if (part.agrees.value_or(true)) continue;
      sentences.push_back(both(Text::claims_differs, part.label, part.measured, part.claimed));
    }
  return sentences.empty() ? both(Text::claims_all_agree) : join(sentences, {" ", ""});
}

}  // namespace

Words why(const Claim& claim, const Judged& judged, const Results& results) {
  const auto named = [&](const std::string& name) { return look_up(name, claim, judged, results); };
  std::vector<Words> sentences;
  for (const auto& paragraph : claim.why)
    if (auto sentence = rules::rendered(paragraph, named)) sentences.push_back(std::move(*sentence));
  return sentences.empty() ? differences(judged) : join(sentences, {" ", ""});
}

}  // namespace zctrace::claims
