#include "viz/terminal/verdict.h"

#include <algorithm>

#include "base/text.h"
#include "model/language/texts.h"
#include "model/summary/sentences.h"

namespace zctrace::terminal {

using namespace timeline;

std::vector<std::string> verdict(const Run& run, const Ledger& ledger, const Style& style) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view text, Ink ink) {
    for (const auto& line : wrap(text, style.width - 2)) lines.push_back(" " + paint(line, ink, style));
  };
  const auto language = style.language;
  const auto found = summary::verdict_of(run, ledger, language);
  const Ink ink = found.tone == summary::Tone::good          ? Ink::good
                  : found.tone == summary::Tone::bad         ? Ink::cpu
                  : found.tone == summary::Tone::mixed       ? Ink::strong
                  : found.tone == summary::Tone::transformed ? Ink::transform
                                                             : Ink::warn;
  if (ledger.flows) {
    // What follows a long command line in its line would be read as its last word.
    const auto title = summary::title(run, language);
    const auto head = say(language, Text::headline, title);
    if (columns(head) + columns(found.judgment) <= style.width - 2) {
      add(head + found.judgment, ink);
    } else {
      add(fit(title, style.width - 2), Ink::strong);
      add(found.judgment, ink);
    }
    add(summary::setting(run, language), Ink::dim);
    if (!run.complete) add(words(Text::interrupted, language), Ink::warn);
    return lines;
  }
  const auto sentence = style.width < 60 ? summary::copies_text(run, ledger, run.judged, language) : found.sentence;
  const auto name = fit(summary::title(run, language), style.width - 4 - columns(sentence));
  lines.push_back(" " + paint(say(language, Text::headline, name), Ink::strong, style) + paint(sentence, ink, style));

  if (!found.beside.empty()) add(found.beside, found.tone == summary::Tone::transformed ? Ink::transform : Ink::warn);
  if (const auto claim = summary::claim_sentence(run, language, style.unicode); !claim.empty()) add(claim, Ink::plain);
  add(summary::setting(run, language), Ink::dim);
  add(summary::network(run, language), Ink::dim);
  if (!run.complete) add(words(Text::interrupted, language), Ink::warn);
  return lines;
}

}  // namespace zctrace::terminal
