#include "model/summary/edge_label.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"

namespace zctrace::summary {

using namespace timeline;

Evidence worst(const Edge& edge) {
  Evidence evidence = Evidence::exact;
  for (const auto& copy : edge.copies) evidence = std::max(evidence, copy.evidence);
  return evidence;
}

std::string amount(const Edge& edge) { return mark(worst(edge)) + format_bytes(edge.bytes); }

std::string Label::how(int most) const {
  const auto name = fit(function, most - columns(calls) - 1);
  return name.empty() || calls.empty() ? name + calls : name + " " + calls;
}

Label label(const Run& run, const Edge& edge, Language language) {
  if (doubtful(run, edge))
    return {say(language, Text::passed_on, amount(edge)), std::string(words(Text::copied_or_not, language)), ""};
  Label label;
  const bool mapped = edge.from == End::page_cache && edge.to == End::user_buffer;
  switch (edge.by) {
    case Mover::cpu:
      label.amount = say(language, Text::cpu_copied, amount(edge));
      break;
    case Mover::dma:
      label.amount = say(language, Text::dma_moved, amount(edge));
      break;
    case Mover::reference:
      label.amount =
          mapped ? std::string(words(Text::mapped, language)) : say(language, Text::by_reference, amount(edge));
      break;
    case Mover::transform:
      label.amount = say(language, Text::transformed, amount(edge));
      break;
  }
  const auto& first = edge.copies.front().function;
  const bool alone =
      std::all_of(edge.copies.begin(), edge.copies.end(), [&](const Copy& copy) { return copy.function == first; });
  label.function = alone ? function_text(first, language) : std::string(words(Text::several_functions, language));
  if (edge.calls > 0) label.calls = "×" + format_count(edge.calls);
  return label;
}

std::string transformer_text(const Edge& edge, Language language) {
  std::vector<Cipher> ciphers;
  for (const auto& copy : edge.copies)
    if (copy.cipher) ciphers.push_back(*copy.cipher);
  return ciphers.empty() ? "" : say(language, Text::by_the_cpu, ciphers_text(std::move(ciphers), language));
}

std::string context_text(const Edge& edge, Language language) {
  uint64_t softirq = 0;
  for (const auto& copy : edge.copies)
    if (copy.context == Context::softirq) softirq += copy.bytes;
  if (softirq == 0) return std::string(words(Text::in_the_call, language));
  if (softirq == edge.bytes) return std::string(words(Text::all_in_softirq, language));
  return say(language, Text::part_in_softirq,
             fmt::format("{:.0f}", 100.0 * static_cast<double>(softirq) / static_cast<double>(edge.bytes)));
}

}  // namespace zctrace::summary
