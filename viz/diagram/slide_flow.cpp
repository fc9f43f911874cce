#include <algorithm>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/flow_rows.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "viz/diagram/flow_layout.h"
#include "viz/diagram/flow_program.h"
#include "viz/diagram/palette.h"
#include "viz/diagram/slide.h"
#include "viz/diagram/slide_parts.h"

namespace zctrace::diagram {

using namespace flow_parts;
using namespace slide_parts;

namespace {

constexpr double kFigureColumn = 912, kFigureWidth = kRight - kFigureColumn;  // of the figures
constexpr double kFoot = 696;                                      // the last line

/// "evidence: exact"
std::string evidence_text(const summary::Verdict& verdict, Language language) {
  const auto word = verdict.evidence == timeline::Evidence::none ? words(Text::unknown, language)
                                                                 : summary::word(verdict.evidence, language);
  return say(language, Text::labelled, words(Text::evidence, language), word);
}

/// Arrows and boxes with the fewest words: where the bytes went and how many.
summary::Picture in_few_words(summary::Picture picture) {
  for (auto* arrows : {&picture.sender, &picture.receiver})
    for (auto& arrow : *arrows) arrow.function = arrow.calls = arrow.circumstance = "";
  for (auto* box : {&picture.user, &picture.page_cache, &picture.pipe, &picture.target, &picture.stage, &picture.disk,
                    &picture.card, &picture.arrival, &picture.receiver_user, &picture.receiver_pipe,
                    &picture.receiver_file})
    box->below = "";
  picture.switches.causes = picture.receiver_switches.causes = "";
  // What another process does with the bytes is no part of the lesson, unless it is the lesson.
  picture.has_receiver = picture.has_receiver && picture.judges_receiver;
  return picture;
}

/// As large as the room on the left allows.
void draw_picture(Svg& svg, const summary::Picture& picture, const Options& options) {
  constexpr double kWidth = kFigureColumn - kSlideMargin - 40, kRoom = kFoot - 40 - kTop;
  constexpr double kLargest = 1.66, kSmallest = 0.9, kStep = 0.04;
  double scale = picture.has_receiver ? 1.3 : kLargest, height = 0;
  for (;; scale -= kStep) {
    Svg measured(options, "", "");
    Brush brush(measured, options);
    height = draw_terse(brush, picture, options.language, kWidth / scale) * scale;
    if (height <= kRoom || scale < kSmallest) break;
  }
  svg.open_at(kSlideMargin, kTop + std::max(0.0, kRoom - height) / 2, scale);
  Brush brush(svg, options);
  draw_terse(brush, picture, options.language, kWidth / scale);
  svg.close();
}

/// A figure, what it is of, and what the textbooks say; `y`: of the figure's base line.
void draw_figure(Svg& svg, double y, const summary::Bar& bar, std::string_view name, double size,
                 std::string_view classes, Language language) {
  const bool known = bar.number.has_value();
  shrunk(svg, kFigureColumn, y, bar.value, known ? classes : "warn", {size, true}, kFigureWidth, 40);
  const bool large = size > 100;
  if (large) y += 8;
  shrunk(svg, kFigureColumn, y + 36, name, "ink", large ? Font{28, true} : kBold, kFigureWidth, 18);
  const auto claim = claim_text(bar, language);
  if (claim.empty()) return;
  const auto& remark = bar.remark;
  shrunk(svg, kFigureColumn, y + 66, bar.in_part && !remark.empty() ? say(language, Text::with_remark, claim, remark) : claim,
         claim_class(bar), bar.contradicted ? kSmallBold : kSmall, kFigureWidth, 16);
}

void draw_run(Svg& svg, const timeline::Run& run, const timeline::Ledger& ledger, const summary::Verdict& verdict,
              const summary::Picture& picture, const Options& options) {
  const auto language = options.language;
  title(svg, summary::full_title(run, language), summary::setting(run, language));
  draw_picture(svg, in_few_words(picture), options);
  const timeline::Measured measured[] = {{run, ledger}};
  const auto row = summary::rows_of(measured, language).front();
  const bool sends = run.judged == timeline::Side::sender;
  const auto name = [&](Text text) { return std::string(words(text, language)); };
  draw_figure(svg, 250, sends ? row.copies : row.receiver, name(Text::cpu_copies_per_byte), 132,
              class_of(verdict.tone), language);
  if (!sends) svg.text(kFigureColumn, 328, name(Text::receiver), "ink", kText);
  // The others are the sender's, who is not the subject where the receiver is.
  if (sends) {
    draw_figure(svg, 436, row.mode_switches, name(Text::mode_switches_per_chunk), 68, "ink", language);
    auto dma = row.dma;
    for (const auto& claim : picture.claimed_copies)
      if (claim.style == summary::ArrowStyle::dma) {
        dma.claimed = claim.claimed;
        dma.contradicted = true;
      }
    draw_figure(svg, 594, dma, name(Text::dma_per_byte), 68, "dma", language);
  }
  const auto evidence = evidence_text(verdict, language);
  const double taken = text_width(evidence, kBold) + 24;
  shrunk(svg, kSlideMargin, kFoot, verdict.judgment, class_of(verdict.tone), {30, true}, kRight - kSlideMargin - taken, 20);
  svg.text(kRight, kFoot, evidence, verdict.evidence == timeline::Evidence::exact ? "good" : "warn", kBold,
           Anchor::end);
}

/// The flows that matter, one below the other: from where, how, to where.
void draw_flows(Svg& svg, const timeline::Run& run, const timeline::Flows& flows, const Options& options) {
  constexpr size_t kMostShown = 4;
  constexpr double kStep = 132, kWidth = kFigureColumn - kSlideMargin - 48;
  const auto language = options.language;
  const auto found = summary::weighed(summary::flow_rows(run, flows, language), kMostShown, false);
  Brush brush(svg, options);
  double y = kTop + 44;
  for (const auto& row : found.shown) {
    const auto style = style_of(row, row.all);
    const auto classes = style == summary::ArrowStyle::handed_over ? "dim" : class_of(style);
    shrunk(svg, kSlideMargin, y, row.short_from, "ink", {28, true}, kWidth, 20);
    svg.open_at(kSlideMargin, y + 26, 1.6);
    brush.arrow({{0, 0}, {40, 0}}, style, 0.8, run.evidence.copies == timeline::Evidence::exact);
    svg.close();
    shrunk(svg, kSlideMargin + 82, y + 34, row.short_to, "ink", {28, true}, kWidth - 82, 20);
    const auto copies = row.all.ratio ? say(language, Text::copies_each_byte, row.all.copies)
                                      : std::string(words(Text::copies_each_byte_unknown, language));
    shrunk(svg, kSlideMargin + 82, y + 66, row.all.amount + " · " + row.all.how + " · " + copies, classes, kBold,
           kWidth - 82, 18);
    y += kStep;
  }
  if (found.shown.empty()) svg.text(kSlideMargin, y, words(Text::passed_on_nothing, language), "dim", kText);
  if (found.left > 0)
    shrunk(svg, kSlideMargin, kFoot,
           say(language, Text::flows_more, format_count(found.left), format_bytes(found.left_bytes)), "dim", kSmall,
           kWidth, 18);
}

void draw_program_slide(Svg& svg, const timeline::Run& run, const timeline::Ledger& ledger,
                        const summary::Verdict& verdict, const Options& options) {
  const auto language = options.language;
  title(svg, summary::full_title(run, language), summary::setting(run, language));
  draw_flows(svg, run, *ledger.flows, options);
  const auto tone = class_of(verdict.tone);
  shrunk(svg, kFigureColumn, 250, verdict.figure, tone, {132, true}, kFigureWidth, 60);
  double y = 290;
  const auto lines = [&](std::string_view text, std::string_view classes, Font font, size_t most) {
    for (const auto& line : wrap(text, 0.92 * kFigureWidth, font, most)) {
      svg.text(kFigureColumn, y, line, classes, font);
      y += font.size * 1.3;
    }
    y += 12;
  };
  lines(verdict.what, "ink", kBold, 3);
  lines(verdict.judgment, tone, kBold, 7);
  svg.text(kRight, kFoot, evidence_text(verdict, language),
           verdict.evidence == timeline::Evidence::exact ? "good" : "warn", kBold, Anchor::end);
}

}  // namespace

std::string flow_slide(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options,
                       std::span<const std::string> order) {
  const auto verdict = summary::verdict_of(run, ledger, options.language);
  const auto name = fit(summary::full_title(run, options.language), 1200, {});
  Svg svg(options, name + ": " + verdict.figure + " " + verdict.what, verdict.judgment);
  if (ledger.flows)
    draw_program_slide(svg, run, ledger, verdict, options);
  else
    draw_run(svg, run, ledger, verdict, summary::picture(run, ledger, options.language, order), options);
  return svg.finish(kHeight);
}

}  // namespace zctrace::diagram
