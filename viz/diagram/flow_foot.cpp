#include <fmt/format.h>

#include <algorithm>

#include "model/quantities/quantities.h"
#include "model/summary/after_all.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "viz/diagram/flow_words.h"

namespace zctrace::diagram::flow_parts {

using namespace timeline;

namespace {

struct Row {
  std::string label, value;
  std::string_view classes = "ink";
};

class Rows {
 public:
  Rows(const Run& run, const Ledger& ledger, const summary::Picture& facts, Language language)
      : run_(run), ledger_(ledger), facts_(facts), language_(language) {}

  std::vector<Row> all() {
    switches();
    receiver();
    besides();
    const auto sentence = summary::evidence_sentence(run_, language_);
    add(text(Text::evidence), sentence.text, sentence.good ? "ink" : "warn");
    for (const auto& said : summary::after_all(run_, ledger_, language_)) add(text(Text::note), said);
    if (!sentence.good)
      for (const auto& note : run_.evidence.notes) add(text(Text::note), note.in(language_));
    add(text(Text::lost), summary::lost_sentence(run_, language_), run_.lost.events == 0 ? "ink" : "warn");
    if (!run_.complete) add("", text(Text::interrupted), "warn");
    return std::move(rows_);
  }

 private:
  std::string text(Text text) const { return std::string(words(text, language_)); }
  void add(std::string label, std::string value, std::string_view classes = "ink") {
    rows_.push_back({std::move(label), std::move(value), classes});
  }

  std::string shown(quantities::Id id) const { return quantities::shown(id, {run_, ledger_}, language_); }

  void switches() {
    const auto& evidence = run_.evidence;
    const auto unless = [&](Evidence known, Text label, const std::string& value) {
      const bool unknown = known == Evidence::none;
      add(text(label), unknown ? text(Text::unknown) : value, unknown ? "warn" : "ink");
    };
    unless(evidence.system_calls, Text::system_calls, summary::calls_text(run_, ledger_.sender, language_));
    const quantities::Subject sender{run_, ledger_};
    const bool faults = amount("page_faults/user", sender).count + amount("page_faults/kernel", sender).count != 0;
    unless(evidence.page_faults, Text::page_faults,
           faults ? say(language_, Text::flow_faults, shown("page_faults/user"), shown("page_faults/kernel"))
                  : summary::mark(evidence.page_faults) + text(Text::none));
    unless(
        evidence.context_switches, Text::context_switches,
        say(language_, Text::rescheduled, shown("context_switches/voluntary"), shown("context_switches/involuntary")));
  }

  void receiver() {
    if (!facts_.has_receiver) return;
    const quantities::Subject receiver{run_, ledger_, Side::receiver};
    add(text(Text::receiver),
        say(language_, Text::flow_receiver, quantities::shown("cpu_copies_per_byte", receiver, language_)),
        amount("cpu_copies_per_byte", receiver).number ? "ink" : "warn");
  }

  /// What has no arrow of its own.
  void besides() {
    const auto joined = summary::in_words(facts_.besides, language_);
    if (!joined.empty()) add(text(Text::flow_besides), joined);
  }

  const Run& run_;
  const Ledger& ledger_;
  const summary::Picture& facts_;
  const Language language_;
  std::vector<Row> rows_;
};

}  // namespace

double draw_foot(Brush& brush, const Run& run, const Ledger& ledger, const summary::Picture& facts,
                 const Options& options, double top) {
  constexpr Font kFont{12}, kLabelFont{11.5, true};
  constexpr double kStep = 17;
  auto& svg = brush.svg();
  const bool wide = options.form == Form::wide;
  const double margin = wide ? 32 : 14, label = wide ? 126 : 118;
  const double most = svg.width() - 2 * margin - label;
  double y = top + kStep;
  for (const auto& row : Rows(run, ledger, facts, options.language).all()) {
    svg.text(margin, y, fit(row.label, label - 8, kLabelFont), "dim", kLabelFont);
    for (const auto& line : wrap(row.value, most, kFont, 4)) {
      svg.text(margin + label, y, line, row.classes, kFont);
      y += kStep;
    }
  }
  return y - kStep;
}

double draw_legend(Brush& brush, const summary::Picture& facts, const Options& options, double top) {
  constexpr Font kFont{12};
  constexpr double kSample = 40, kStep = 22;
  auto& svg = brush.svg();
  const double margin = options.form == Form::wide ? 32 : 14, right = svg.width() - margin;
  double x = margin, y = top + kStep;
  const auto entry = [&](std::string_view text, double sample, const auto& draw) {
    const double width = sample + 8 + text_width(text, kFont);
    if (x + width > right && x > margin) {
      x = margin;
      y += kStep;
    }
    draw();
    svg.text(x + sample + (sample > 0 ? 6 : 0), y, fit(text, right - x - sample, kFont), "ink", kFont);
    x += width + 18;
  };
  const auto arrow = [&](summary::ArrowStyle style, double per_byte, bool counted, std::string_view text) {
    entry(text, kSample, [&] { brush.arrow({{x, y - 4}, {x + kSample, y - 4}}, style, per_byte, counted); });
  };
  const auto has = [&](const auto& test) {
    return std::any_of(facts.sender.begin(), facts.sender.end(), test) ||
           std::any_of(facts.receiver.begin(), facts.receiver.end(), test);
  };
  const auto language = options.language;
  for (const auto& [style, text] : {std::pair{summary::ArrowStyle::copy, Text::cpu_copy},
                                    {summary::ArrowStyle::dma, Text::dma},
                                    {summary::ArrowStyle::reference, Text::flow_legend_reference}})
    if (has([style](const summary::Arrow& moved) { return moved.style == style; }))
      arrow(style, 0.8, true, words(text, language));
  if (has([](const summary::Arrow& moved) { return moved.style == summary::ArrowStyle::transform; }))
    arrow(summary::ArrowStyle::transform, 0.8, true, words(Text::flow_legend_transform, language));
  if (has([](const summary::Arrow& moved) { return moved.style == summary::ArrowStyle::handed_over; }))
    arrow(summary::ArrowStyle::handed_over, 1, true, words(Text::flow_legend_handed, language));
  if (has([](const summary::Arrow& moved) { return !moved.counted && moved.style == summary::ArrowStyle::copy; }))
    arrow(summary::ArrowStyle::copy, 0.8, false, words(Text::legend_inferred, language));
  if (has([](const summary::Arrow& moved) { return moved.style == summary::ArrowStyle::doubtful; }))
    arrow(summary::ArrowStyle::doubtful, 0.8, false, words(Text::copied_or_not, language));
  if (!facts.round.empty())
    entry(words(Text::legend_switch, language), 22, [&] { brush.mark({x + 11, y - 4}, {"", 1, 1}, 22); });
  if (!facts.claimed_calls.empty())
    entry(words(Text::comparison_legend_claim, language), 22, [&] { brush.ghost_mark({x + 11, y - 4}); });
  if (const auto call = std::ranges::find_if(facts.round, &summary::Call::unclaimed); call != facts.round.end())
    entry(words(Text::comparison_legend_differs, language), 22,
          [&] { brush.mark({x + 11, y - 4}, {"", call->number, call->number, true}, 22); });
  entry(words(Text::flow_legend_width, language), 0, [] {});
  return y;
}

}  // namespace zctrace::diagram::flow_parts
