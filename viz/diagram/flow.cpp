#include "viz/diagram/flow.h"

#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "viz/diagram/flow_layout.h"
#include "viz/diagram/flow_program.h"
#include "viz/diagram/flow_words.h"
#include "viz/diagram/slide.h"

namespace zctrace::diagram {
using namespace flow_parts;

namespace {

/// The picture in words, for who cannot see it.
std::string description(const summary::Verdict& verdict, const summary::Picture& picture, Language language) {
  constexpr size_t kMost = 12;
  auto text = say(language, Text::flow_sentence, verdict.judgment);
  size_t said = 0;
  for (const auto* side : {&picture.sender, &picture.receiver})
    for (const auto& arrow : *side)
      if (said++ < kMost) text += say(language, Text::flow_sentence, arrow.tooltip.substr(0, arrow.tooltip.find('\n')));
  for (const auto& copies : picture.claimed_copies)
    text += say(language, Text::flow_sentence,
                say(language, Text::labelled, copies.label, copies.value) + "; " + copies.claim);
  const auto& switches = picture.switches;
  return text + say(language, Text::flow_sentence,
                    switches.causes + (switches.claim.empty() ? "" : "; " + switches.claim));
}

}  // namespace

std::string flow(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options,
                 std::span<const std::string> order) {
  if (options.form == Form::slide) return flow_slide(run, ledger, options, order);
  const auto found = summary::picture(run, ledger, options.language, order);
  const auto verdict = summary::verdict_of(run, ledger, options.language);
  const auto title = fit(summary::full_title(run, options.language), 1200, {});
  Svg svg(options, title + ": " + verdict.figure + " " + verdict.what, description(verdict, found, options.language));
  Brush brush(svg, options);
  // The page says around the picture what is above and below the figure.
  const bool page = options.theme == Theme::page;
  if (page) svg.open("class=\"apart\"");
  double y = draw_head(brush, run, ledger, options, 0);
  if (page) svg.close();
  const double top = y;
  if (ledger.flows) {
    y = draw_program(brush, run, *ledger.flows, options, y);
  } else {
    y = (options.form == Form::wide ? draw_wide : draw_narrow)(brush, found, options.language, y);
    y = draw_claimed(brush, found, options, y);
    y = draw_legend(brush, found, options, y + 6);
  }
  svg.crop(top, y + 14);
  if (page) svg.open("class=\"apart\"");
  y = draw_foot(brush, run, ledger, found, options, y + 10);
  if (page) svg.close();
  return svg.finish(y + 18);
}

}  // namespace zctrace::diagram
