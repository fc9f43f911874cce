#include "viz/diagram/sequence_head.h"

#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "viz/diagram/palette.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

/// What the figures here do not tell: losses and interruptions.
double warnings(Svg& svg, const Recording& document, const Options& options, const std::string& own, double x, double y,
                double width) {
  const auto& run = document.run;
  const auto warn = [&](const std::string& text) { y = paragraph(svg, x, y, width, "⚠ " + text, "warn", {13, true}); };
  if (!own.empty()) warn(own);
  if (run.lost.events > 0)
    warn(say(options.language, Text::sequence_lost,
             say_count(options.language, run.lost.events, Text::one_event, Text::many_events)));
  if (!run.complete) warn(std::string(words(Text::interrupted, options.language)));
  return y;
}

Text text_of(Sign sign) {
  switch (sign) {
    case Sign::mode_switch:
      return Text::legend_switch;
    case Sign::user:
      return Text::sequence_legend_user;
    case Sign::running:
      return Text::sequence_legend_running;
    case Sign::off_cpu:
      return Text::sequence_off_cpu;
    case Sign::softirq:
      return Text::in_softirq;
    case Sign::others:
      return Text::sequence_legend_others;
    case Sign::cpu_copy:
      return Text::cpu_copy;
    case Sign::reference:
      return Text::sequence_legend_reference;
    case Sign::dma:
      return Text::dma;
    case Sign::packet:
      return Text::sequence_legend_grey;
    case Sign::fault:
      return Text::page_faults;
  }
  return Text::unknown;
}

/// Draws the sign in a field of 28 px whose middle line is `y`.
void draw(Svg& svg, Sign sign, double x, double y) {
  switch (sign) {
    case Sign::mode_switch:
      svg.circle(x + 18, y, 9, "paper ink-line", 1.3);
      svg.text(x + 18, y + 4, "n", "ink", {11, true}, Anchor::middle);
      return;
    case Sign::user:
      return svg.line(x, y, x + 28, y, "send-line", 4);
    case Sign::running:
      return svg.rect(x, y - 6, 28, 12, "send", 2);
    case Sign::off_cpu:
      svg.rect(x, y - 6, 28, 12, "paper faint-line");
      return svg.line(x, y, x + 28, y, "dim-line", 12, "1.2 3.8");
    case Sign::softirq:
      return svg.line(x + 14, y - 6, x + 14, y + 6, "receive-line", 3);
    case Sign::others:
      return svg.rect(x, y - 6, 28, 12, "receive", 2);
    case Sign::cpu_copy:
      return svg.line(x, y, x + 28, y, "cpu-line", 5);
    case Sign::reference:
      return svg.line(x, y, x + 28, y, "ref-line", 3, "6 4");
    case Sign::dma:
      return svg.line(x, y, x + 28, y, "dma-line", 5);
    case Sign::packet:
      return svg.line(x, y, x + 28, y, "dim-line", 3);
    case Sign::fault:
      return svg.circle(x + 18, y, 5, "warn paper-line", 1.5);
  }
}

}  // namespace

void add_moves(std::vector<Sign>& signs, const timeline::Run& run, bool copied, bool referred) {
  if (copied) signs.push_back(Sign::cpu_copy);
  if (referred) signs.push_back(Sign::reference);
  if (run.path.dma || run.source.dma) signs.push_back(Sign::dma);
  if (has_network(run) && !run.path.dma) signs.push_back(Sign::packet);
}

double margin_of(const Options& options) { return options.form == Form::wide ? kMargin : kNarrowMargin; }

double paragraph(Svg& svg, double x, double y, double width, const std::string& text, std::string_view classes,
                 Font font) {
  for (const auto& line : wrap(text, width, font)) {
    svg.text(x, y, line, classes, font);
    y += font.size * 1.35;
  }
  return y;
}

double head(Svg& svg, const Recording& document, const Options& options, const std::string& lesson,
            const std::string& choice, const std::string& warning) {
  const auto language = options.language;
  const auto& run = document.run;
  const auto verdict = summary::verdict_of(run, document.ledger, language);
  const auto title = summary::full_title(run, language);
  const auto what = say(language, Text::sequence_figure, verdict.what);
  const double margin = margin_of(options), width = svg.width() - 2 * margin;
  auto setting = summary::setting(run, language);
  if (!has_network(run)) setting += " · " + summary::network(run, language);

  if (options.form == Form::narrow) {
    const Font font{20, true};
    svg.text(margin, 32, fit(title, width, font), "ink", font);
    double y = paragraph(svg, margin, 52, width, setting, "dim", {12});
    svg.text(margin, y + 12, verdict.figure, class_of(verdict.tone), {20, true});
    const double beside = margin + text_width(verdict.figure, {20, true}) + 6;
    y = paragraph(svg, beside, y + 11, svg.width() - margin - beside, what, "dim", {11.5}) + 12;
    y = paragraph(svg, margin, y, width, lesson, "ink", {14, true});
    y = paragraph(svg, margin, y, width, choice, "dim", {12}) + 2;
    return warnings(svg, document, options, warning, margin, y, width) + 2;
  }
  const Font large{26, true};
  const double figure = std::max(text_width(verdict.figure, large), text_width(what, {13}));
  svg.text(margin, 46, fit(title, width - text_width(verdict.figure, large) - 24, large), "ink", large);
  svg.text(margin, 70, fit(setting, width - figure - 24, {13}), "dim", {13});
  svg.text(svg.width() - margin, 46, verdict.figure, class_of(verdict.tone), large, Anchor::end);
  svg.text(svg.width() - margin, 70, what, "dim", {13}, Anchor::end);
  svg.text(margin, 104, fit(lesson, width, {17, true}), "ink", {17, true});
  const double y = paragraph(svg, margin, 125, width, choice, "dim", {13});
  return warnings(svg, document, options, warning, margin, y + 2, width) - 4;
}

double foot(Svg& svg, const Recording& document, const Options& options, double y, const std::vector<Sign>& signs,
            const std::vector<std::string>& notes) {
  const double margin = margin_of(options), width = svg.width() - 2 * margin;
  const Font font{12};
  double x = margin;
  y += 18;
  for (const auto sign : signs) {
    const auto text = words(text_of(sign), options.language);
    const double needed = 28 + 8 + text_width(text, font);
    if (x > margin && x + needed > svg.width() - margin) {
      x = margin;
      y += 22;
    }
    draw(svg, sign, x, y - 4);
    svg.text(x + 36, y, text, "ink", font);
    x += needed + 22;
  }
  y += 24;
  for (const auto& note : notes) y = paragraph(svg, margin, y, width, note, "dim", font) + 2;
  const auto evidence = summary::evidence_sentence(document.run, options.language);
  y = paragraph(svg, margin, y, width,
                say(options.language, Text::labelled, words(Text::evidence, options.language), evidence.text),
                evidence.good ? "dim" : "warn", font);
  return y + 2;
}

}  // namespace zctrace::diagram
