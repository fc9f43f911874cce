#include "viz/terminal/flow_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/flow_rows.h"

namespace zctrace::terminal {
namespace {

using namespace timeline;

constexpr int kColumns = 79;  // that the figures take side by side
constexpr int kBeside = 136;  // from here on the names stand beside them
constexpr int kBelow = 4;     // what stands below a flow
constexpr size_t kMost = 24;  // flows that are shown one by one, unless all were asked for

summary::WeighedFlows weighed(const Flows& flows, std::vector<summary::FlowRow> rows) {
  return flows.shown.all ? summary::WeighedFlows{std::move(rows), 0, 0} : summary::weighed(std::move(rows), kMost);
}

class FlowTable {
 public:
  FlowTable(const Run& run, const Ledger& ledger, const Style& style)
      : explainer_(run, ledger),
        flows_(weighed(*ledger.flows, summary::flow_rows(run, *ledger.flows, style.language, &explainer_))),
        style_(style),
        language_(style.language) {}

  std::vector<std::string> lines() {
    if (flows_.shown.empty() && flows_.left == 0) return {};
    if (style_.width >= kColumns) heading();
    bool linked = false;
    for (const auto& row : flows_.shown) {
      if (linked && !row.linked) put(words(Text::flows_one_end, language_), Ink::dim, 1);
      linked = row.linked;
      flow(row);
    }
    if (flows_.left > 0)
      put(say(language_, Text::flows_more, format_count(flows_.left), format_bytes(flows_.left_bytes)), Ink::dim, 1);
    return std::move(lines_);
  }

 private:
  void put(std::string_view text, Ink ink, int indent) {
    lines_.push_back(std::string(static_cast<size_t>(indent), ' ') +
                     paint(fit(text, style_.width - indent - 1), ink, style_));
  }

  static std::string cells(std::string_view copies, std::string_view amount, std::string_view how,
                           std::string_view switches, std::string_view disk, std::string_view cached) {
    return fmt::format(" {}  {}  {} {} {}  {}", pad(copies, 9, true), pad(amount, 8, true), pad(how, 27),
                       pad(switches, 12, true), pad(disk, 8, true), pad(cached.empty() ? "-" : cached, 6, true));
  }

  void heading() {
    const auto at = [&](Text text) { return words(text, language_); };
    auto line = cells(at(Text::flow_copies), at(Text::flow_bytes), at(Text::flow_method), at(Text::flow_switches),
                      at(Text::flow_disk), at(Text::flow_cached));
    if (style_.width >= kBeside) line += "  " + std::string(at(Text::flows));
    lines_.push_back(paint(line, Ink::dim, style_));
  }

  std::string ends(const summary::FlowRow& row, int width) const {
    const int both = width - columns(say(language_, Text::flow_ends, "", ""));
    int from = columns(row.from), to = columns(row.to);
    if (from + to > both) {
      // The longer one is shortened first: what a socket is called is short, and all of it is told apart by.
      const int half = both / 2;
      if (to <= half)
        from = both - to;
      else if (from <= half)
        to = both - from;
      else
        from = half, to = both - half;
    }
    return say(language_, Text::flow_ends, shorten(row.from, from), shorten(row.to, to));
  }

  void flow(const summary::FlowRow& row) {
    const bool beside = style_.width >= kBeside;
    if (!beside) lines_.push_back(" " + paint(ends(row, style_.width - 2), Ink::strong, style_));
    figures(row.all, row.linked, beside ? "  " + ends(row, style_.width - kColumns - 3) : "");
    for (const auto& part : row.parts) figures(part, row.linked, "", "  ");
    if (!row.process.empty()) put(say(language_, Text::flow_process, row.process), Ink::dim, kBelow);
    if (!row.all.threads.empty() && row.linked) put(row.all.threads, Ink::dim, kBelow);
    if (!row.written.empty()) put(row.written, Ink::dim, kBelow);
    for (const auto& why : row.why) explain(why);
  }

  void explain(const why::Why& why) {
    if (!explained_.insert(why.sentence.in(language_)).second)
      return put(say(language_, Text::flow_why_as_above, why.title.in(language_)), Ink::dim, kBelow);
    put_wrapped(say(language_, Text::flow_why, why.sentence.in(language_)));
    if (!why.remedy.empty()) put_wrapped(say(language_, Text::flow_remedy, why.remedy.in(language_)));
  }

  void put_wrapped(const std::string& text) {
    for (const auto& line : wrap(text, style_.width - kBelow - 1)) put(line, Ink::plain, kBelow);
  }

  void figures(const summary::FlowFigures& figures, bool linked, const std::string& names,
               const std::string& indent = "") {
    const Ink ink = !linked                                      ? Ink::plain
                    : figures.tone == summary::Tone::unknown     ? Ink::warn
                    : figures.tone == summary::Tone::good        ? Ink::good
                    : figures.tone == summary::Tone::transformed ? Ink::transform
                                                                 : Ink::cpu;
    if (style_.width >= kColumns) {
      lines_.push_back(paint(cells(figures.copies, figures.amount, indent + figures.how, figures.switches, figures.disk,
                                   figures.cached),
                             ink, style_) +
                       paint(names, Ink::plain, style_));
      if (!figures.transforms.empty()) put(figures.transforms, Ink::transform, 22 + static_cast<int>(indent.size()));
      return;
    }
    put(fmt::format("{} {}  {}", pad(figures.copies, 8, true), pad(figures.amount, 9, true), figures.how), ink,
        1 + static_cast<int>(indent.size()));
    const auto details = figures.cached.empty() ? say(language_, Text::flow_details, figures.switches, figures.disk)
                                                : say(language_, Text::flow_details_cached, figures.switches,
                                                      figures.disk, figures.cached);
    const int margin = 10 + static_cast<int>(indent.size());
    for (const auto& line : wrap(details, style_.width - margin - 1)) put(line, Ink::dim, margin);
    if (!figures.transforms.empty())
      for (const auto& line : wrap(figures.transforms, style_.width - margin - 1)) put(line, Ink::transform, margin);
  }

  const why::Explainer explainer_;
  const summary::WeighedFlows flows_;
  std::set<std::string> explained_;
  const Style& style_;
  const Language language_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> flow_table(const Run& run, const Ledger& ledger, const Style& style) {
  return FlowTable(run, ledger, style).lines();
}

}  // namespace zctrace::terminal
