#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
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
  Rows(const Run& run, const Ledger& ledger, const summary::Facts& facts, Language language)
      : run_(run), ledger_(ledger), facts_(facts), language_(language) {}

  std::vector<Row> all() {
    switches();
    receiver();
    besides();
    const auto sentence = summary::evidence_sentence(run_, language_);
    add(text(Text::evidence), sentence.text, sentence.good ? "ink" : "warn");
    if (!sentence.good)
      for (const auto& note : run_.evidence.notes) add(text(Text::note), note.in(language_));
    add(text(Text::lost), summary::lost_sentence(run_, language_), run_.lost.events == 0 ? "ink" : "warn");
    if (!run_.complete) add("", text(Text::interrupted), "warn");
    return std::move(rows_);
  }

 private:
  std::string text(Text text) const { return std::string(words(text, language_)); }
  std::string_view comma() const { return words(Text::comma, language_); }
  void add(std::string label, std::string value, std::string_view classes = "ink") {
    rows_.push_back({std::move(label), std::move(value), classes});
  }

  /// "read 64, write 64": the busiest first.
  std::string calls(const Figures& figures) const {
    constexpr size_t kMost = 5;
    std::vector<std::pair<std::string, uint64_t>> calls(figures.syscalls.begin(), figures.syscalls.end());
    std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string joined;
    uint64_t others = 0;
    for (size_t i = 0; i < calls.size(); ++i) {
      if (i < kMost) {
        joined += fmt::format("{}{} {}", i == 0 ? "" : comma(), calls[i].first, format_count(calls[i].second));
      } else {
        others += calls[i].second;
      }
    }
    if (others > 0)
      joined += fmt::format("{}{}", comma(), say(language_, Text::flow_other_calls, format_count(others)));
    return joined.empty() ? text(Text::none) : joined;
  }

  void switches() {
    const auto& sender = ledger_.sender;
    const auto& evidence = run_.evidence;
    const auto unless = [&](Evidence known, Text label, const std::string& value) {
      const bool unknown = known == Evidence::none;
      add(text(label), unknown ? text(Text::unknown) : summary::mark(known) + value, unknown ? "warn" : "ink");
    };
    unless(evidence.system_calls, Text::system_calls, calls(sender));
    unless(
        evidence.page_faults, Text::page_faults,
        sender.user_faults + sender.kernel_faults == 0
            ? text(Text::none)
            : say(language_, Text::flow_faults, format_count(sender.user_faults), format_count(sender.kernel_faults)));
    unless(evidence.context_switches, Text::context_switches,
           say(language_, Text::rescheduled, format_count(sender.voluntary_switches),
               format_count(sender.involuntary_switches)));
  }

  void receiver() {
    if (!facts_.has_receiver) return;
    const auto ratio = cpu_copies_per_byte(run_, ledger_, Side::receiver);
    add(text(Text::receiver),
        say(language_, Text::flow_receiver,
            ratio ? summary::mark(run_.evidence.receiver_copies) + format_ratio(*ratio) : text(Text::unknown)),
        ratio ? "ink" : "warn");
  }

  /// What has no arrow of its own.
  void besides() {
    constexpr size_t kMost = 6;
    std::string joined;
    size_t shown = 0;
    for (const auto& moved : facts_.besides) {
      if (++shown > kMost) continue;
      joined += joined.empty() ? "" : "; ";
      joined += fmt::format("{} → {}: {}", summary::word(moved.from, language_), summary::word(moved.to, language_),
                            moved.amount);
      if (!moved.function.empty()) joined += fmt::format(" ({} {})", fit(moved.function, 300, kSmallFont), moved.calls);
    }
    if (shown > kMost) joined += fmt::format("; … +{}", shown - kMost);
    if (!joined.empty()) add(text(Text::flow_besides), joined);
  }

  const Run& run_;
  const Ledger& ledger_;
  const summary::Facts& facts_;
  const Language language_;
  std::vector<Row> rows_;
};

}  // namespace

double draw_foot(Brush& brush, const Run& run, const Ledger& ledger, const summary::Facts& facts,
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

double draw_legend(Brush& brush, const summary::Facts& facts, const Options& options, double top) {
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
  const auto arrow = [&](summary::Look look, double per_byte, bool counted, std::string_view text) {
    entry(text, kSample, [&] { brush.arrow({{x, y - 4}, {x + kSample, y - 4}}, look, per_byte, counted); });
  };
  const auto has = [&](const auto& test) {
    return std::any_of(facts.sender.begin(), facts.sender.end(), test) ||
           std::any_of(facts.receiver.begin(), facts.receiver.end(), test);
  };
  const auto language = options.language;
  arrow(summary::Look::copy, 0.8, true, words(Text::cpu_copy, language));
  arrow(summary::Look::dma, 0.8, true, words(Text::dma, language));
  arrow(summary::Look::reference, 0.8, true, words(Text::flow_legend_reference, language));
  if (has([](const summary::Moved& moved) { return moved.look == summary::Look::handed_over; }))
    arrow(summary::Look::handed_over, 1, true, words(Text::flow_legend_handed, language));
  if (has([](const summary::Moved& moved) { return !moved.counted && moved.look == summary::Look::copy; }))
    arrow(summary::Look::copy, 0.8, false, words(Text::legend_inferred, language));
  if (has([](const summary::Moved& moved) { return moved.look == summary::Look::doubtful; }))
    arrow(summary::Look::doubtful, 0.8, false, words(Text::copied_or_not, language));
  if (!facts.round.empty())
    entry(words(Text::legend_switch, language), 22, [&] { brush.mark({x + 11, y - 4}, {"", 1, 1}, 22); });
  entry(words(Text::flow_legend_width, language), 0, [] {});
  return y;
}

}  // namespace zctrace::diagram::flow_parts
