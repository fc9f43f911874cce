#include "userspace/export/verdict.h"

#include <algorithm>

#include "userspace/export/sentences.h"
#include "userspace/export/text.h"
#include "userspace/language/texts.h"

namespace zctrace::exports {

using namespace timeline;

std::vector<std::string> verdict(const Run& run, const Ledger& ledger, const Style& style) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view text, Ink ink) {
    for (const auto& line : wrap(text, style.width - 2)) lines.push_back(" " + paint(line, ink, style));
  };
  const auto language = style.language;
  const auto found = verdict_of(run, ledger, language);
  const Ink ink = found.tone == Tone::good    ? Ink::good
                  : found.tone == Tone::bad   ? Ink::cpu
                  : found.tone == Tone::mixed ? Ink::strong
                                              : Ink::warn;
  if (ledger.flows) {
    // A command line may be long; two lines are enough for both.
    const auto name = fit(title(run, language), std::max(24, 2 * style.width - 8 - columns(found.judgment)));
    add(say(language, Text::headline, name) + found.judgment, ink);
    add(setting(run, language), Ink::dim);
    if (!run.complete) add(words(Text::interrupted, language), Ink::warn);
    return lines;
  }
  const auto sentence = style.width < 60 ? copies_text(run, ledger, Side::sender, language) : found.sentence;
  const auto name = fit(title(run, language), style.width - 4 - columns(sentence));
  lines.push_back(" " + paint(say(language, Text::headline, name), Ink::strong, style) + paint(sentence, ink, style));

  if (const auto claim = claim_sentence(run, language, style.unicode); !claim.empty()) add(claim, Ink::plain);
  add(setting(run, language), Ink::dim);
  add(network(run, language), Ink::dim);
  if (!run.complete) add(words(Text::interrupted, language), Ink::warn);
  return lines;
}

}  // namespace zctrace::exports
