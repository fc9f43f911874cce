#include "viz/terminal/top/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/names.h"
#include "viz/terminal/columns.h"
#include "viz/terminal/top/flow_cell.h"

namespace zctrace::terminal {

using timeline::Flows;
using Lines = std::vector<std::string>;

namespace {

constexpr std::string_view kNone = "-", kUnknown = "?";

std::string rate_of(const timeline::Motion& motion, Language language) {
  if (motion.ns == 0) return std::string(kNone);
  return say(language, Text::live_per_second, format_bytes(static_cast<uint64_t>(llround(motion.bytes_per_s()))));
}

std::string copies_of(const timeline::Motion& motion, const timeline::TraceFacts& facts) {
  if (motion.bytes == 0) return std::string(kNone);
  const auto ratio = motion.copies_per_byte();
  if (!ratio || facts.evidence.copies == timeline::Evidence::none) return std::string(kUnknown);
  return summary::mark(std::max(facts.evidence.copies, motion.copies)) + format_ratio(*ratio);
}

std::string share_of(const timeline::Motion& motion, const timeline::TraceFacts& facts) {
  if (motion.bytes == 0) return std::string(kNone);
  const auto share = motion.zero_copy_share();
  if (!share || facts.evidence.copies == timeline::Evidence::none) return std::string(kUnknown);
  return summary::mark(std::max(facts.evidence.copies, motion.copies)) +
         fmt::format("{} %", static_cast<int>(*share * 100));
}

std::string time_of(uint64_t ns) {
  const auto seconds = ns / 1'000'000'000;
  const auto minutes = seconds / 60 % 60, hours = seconds / 3600;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, seconds % 60);
}

/// The program at the left, what is known of the trace at the right, as much as fits.
std::string head_line(const timeline::Rates& rates, const View& view, const Style& style) {
  constexpr int kLeastProgram = 16;
  std::vector<std::string> facts{time_of(rates.at_ns()),
                                 std::string(summary::word(view.facts.evidence.copies, style.language)),
                                 "Linux " + view.facts.kernel.release};
  std::string right;
  for (const auto& fact : facts) {
    const auto longer = right.empty() ? fact : fact + " · " + right;
    if (columns(longer) + kLeastProgram + 3 > style.width) break;
    right = longer;
  }
  const int left = style.width - columns(right) - 3;
  return " " + paint(pad(view.program, left), Ink::strong, style) + " " + paint(right, Ink::dim, style);
}

Lines total_lines(const timeline::Rates& rates, const View& view, const Style& style, bool with_now) {
  const auto language = style.language;
  const Columns columns({{"", 6, false, 0},
                         {std::string(words(Text::live_moved, language)), 12, true, 0},
                         {std::string(words(Text::live_copies, language)), 12, true, 1},
                         {std::string(words(Text::live_zero_copy, language)), 10, true, 2},
                         {std::string(words(Text::live_switches, language)), 15, true, 3}},
                        style.width);
  const auto line = [&](Text name, const timeline::Motion& motion, const std::string& moved,
                        const std::string& switches) {
    const auto copies = copies_of(motion, view.facts);
    return columns.cell(0, std::string(words(name, language)), Ink::dim, style) +
           columns.cell(1, moved, Ink::strong, style) + columns.cell(2, copies, ink_of(motion), style) +
           columns.cell(3, share_of(motion, view.facts), ink_of(motion), style) +
           columns.cell(4, switches, Ink::plain, style);
  };
  const timeline::Motion &now = rates.now(), &all = rates.all();
  const auto per_second = now.ns == 0 ? std::string(kNone)
                                      : say(language, Text::live_per_second,
                                            format_count(static_cast<uint64_t>(llround(now.mode_switches_per_s()))));
  Lines lines{columns.head(style)};
  if (with_now) lines.push_back(line(Text::live_now, now, rate_of(now, language), per_second));
  lines.push_back(line(Text::live_all, all, format_bytes(all.bytes), format_count(all.mode_switches)));
  return lines;
}

/// What is not in the list of flows; empty where nothing is missing there.
std::string left_out(uint64_t quiet, const Flows& flows, const Style& style) {
  std::string text;
  const auto add = [&](bool any, const std::string& part) {
    if (any) text += (text.empty() ? "" : " · ") + part;
  };
  const auto language = style.language;
  add(flows.dropped_calls != 0, say(language, Text::live_dropped, format_count(flows.dropped_calls)));
  add(flows.unattributed_bytes != 0, say(language, Text::live_unattributed, format_bytes(flows.unattributed_bytes)));
  add(flows.merged != 0, say(language, Text::live_merged, format_count(flows.merged)));
  add(quiet != 0, say(language, Text::live_quiet, format_count(quiet)));
  return text;
}

struct Listed {
  std::vector<timeline::FlowRate> flows;
  uint64_t quiet = 0;  ///< that are left out
};

Listed listed(const timeline::Rates& rates, const View& view, Sort sort, bool with_quiet) {
  Listed listed{view.each_connection ? rates.list() : timeline::connections_together(rates.list())};
  if (!with_quiet) listed.quiet = std::erase_if(listed.flows, [](const auto& flow) { return flow.quiet; });
  const auto more = [&](const auto& key) { std::ranges::stable_sort(listed.flows, std::greater{}, key); };
  // The list comes with most bytes first.
  if (sort == Sort::rate) more([](const timeline::FlowRate& rate) { return rate.now.bytes; });
  if (sort == Sort::copies)
    more([](const timeline::FlowRate& rate) { return rate.all.copies_per_byte().value_or(-1); });
  return listed;
}

class FlowTable {
 public:
  FlowTable(const View& view, const Style& style)
      : view_(view),
        style_(style),
        columns_({{word(Text::live_from_to), 0, false, 0},
                  {word(Text::live_rate), 12, true, 0},
                  {word(Text::live_total), 9, true, 2},
                  {word(Text::live_method), style.width >= kWide ? 16 : 11, false, 3},
                  {word(Text::live_copies), 11, true, 1}},
                 style.width) {}

  std::string head() const { return columns_.head(style_); }

  /// The rate of the last interval, or the mean since the beginning.
  std::string line(const timeline::FlowRate& rate, bool mean) const {
    const bool moved = !mean && rate.now.bytes != 0;
    const timeline::Motion& motion = moved ? rate.now : rate.all;
    const auto method =
        std::string(timeline::text(timeline::total(rate.flow).method)) + (is_mixed(rate.flow) ? "+" : "");
    const Ink ink = moved || mean ? ink_of(motion) : Ink::dim;
    return " " + flow_cell(rate.flow, motion, columns_.width_of(0), style_) +
           columns_.cell(1, rate_of(mean ? rate.all : rate.now, style_.language),
                         moved || mean ? Ink::strong : Ink::dim, style_) +
           columns_.cell(2, format_bytes(rate.all.bytes), Ink::plain, style_) +
           columns_.cell(3, method, Ink::plain, style_) + columns_.cell(4, copies_of(motion, view_.facts), ink, style_);
  }

 private:
  static constexpr int kWide = 100;
  std::string word(Text text) const { return std::string(words(text, style_.language)); }

  const View& view_;
  const Style& style_;
  Columns columns_;
};

std::string keys_line(const View& view, size_t first, size_t shown, size_t of, const Style& style) {
  const auto language = style.language;
  const Text sorts[] = {Text::live_by_rate, Text::live_by_bytes, Text::live_by_copies};
  const auto sort = words(sorts[static_cast<size_t>(view.sort)], language);
  auto keys = say(language, Text::live_keys, sort);
  if (columns(keys) + 2 > style.width) keys = say(language, Text::live_keys_short, sort);
  std::string right;
  if (view.paused)
    right = words(Text::live_paused, language);
  else if (shown < of)
    right = say(language, Text::live_rows, first + 1, first + shown, of);
  const int left = style.width - 3 - columns(right);
  if (left < columns(keys)) right.clear();
  return " " + paint(pad(keys, right.empty() ? style.width - 2 : left), Ink::dim, style) +
         (right.empty() ? "" : " " + paint(right, view.paused ? Ink::warn : Ink::dim, style));
}

Lines help_lines(const Style& style) {
  Lines lines;
  for (const Text text : {Text::live_help_keys, Text::live_help_copies, Text::live_help_marks, Text::live_help_flows,
                          Text::live_help_zero, Text::live_help_switches}) {
    if (!lines.empty()) lines.emplace_back();
    for (const auto& line : wrap(words(text, style.language), style.width - 2))
      lines.push_back(" " + paint(line, Ink::plain, style));
  }
  return lines;
}

void append(Lines& lines, const Lines& more) { lines.insert(lines.end(), more.begin(), more.end()); }

}  // namespace

Lines screen_lines(const timeline::Rates& rates, const Flows& flows, View& view, const Style& style, int rows) {
  constexpr int kRoomy = 14;  // below, no blank lines
  const bool roomy = rows >= kRoomy;
  Lines lines{head_line(rates, view, style)};
  if (view.help) {
    if (roomy) lines.emplace_back();
    append(lines, help_lines(style));
    if (static_cast<int>(lines.size()) > rows) std::erase(lines, "");
    if (static_cast<int>(lines.size()) > rows) lines.resize(static_cast<size_t>(rows));
    return lines;
  }
  if (roomy) lines.emplace_back();
  append(lines, total_lines(rates, view, style, true));
  if (roomy) lines.emplace_back();
  const FlowTable table(view, style);
  lines.push_back(table.head());

  const auto [list, quiet] = listed(rates, view, view.sort, false);
  Lines below;
  if (const auto missing = left_out(quiet, flows, style); !missing.empty())
    below.push_back(" " + paint(fit(missing, style.width - 2), Ink::dim, style));
  if (!view.served.empty())
    below.push_back(" " + paint(fit("Prometheus: " + view.served, style.width - 2), Ink::dim, style));

  const auto room = static_cast<size_t>(std::max(1, rows - static_cast<int>(lines.size() + below.size()) - 1));
  view.first_row = std::min(view.first_row, list.size() - std::min(room, list.size()));
  const size_t shown = std::min(room, list.size() - view.first_row);
  if (list.empty()) lines.push_back(" " + paint(words(Text::live_nothing_yet, style.language), Ink::dim, style));
  for (size_t i = 0; i < shown; ++i) lines.push_back(table.line(list[view.first_row + i], false));
  // What is below stays at the foot of the screen.
  const auto used = lines.size() + below.size() + 1;
  for (size_t i = used; i < static_cast<size_t>(std::max(rows, 0)); ++i) lines.emplace_back();
  append(lines, below);
  lines.push_back(keys_line(view, view.first_row, shown, list.size(), style));
  if (static_cast<int>(lines.size()) > rows) lines.resize(static_cast<size_t>(std::max(rows, 0)));
  return lines;
}

Lines summary_lines(const timeline::Rates& rates, const Flows& flows, const View& view, const Style& style) {
  constexpr size_t kMost = 40;
  Lines lines{head_line(rates, view, style), ""};
  append(lines, total_lines(rates, view, style, false));
  lines.emplace_back();
  const auto list = listed(rates, view, Sort::bytes, true).flows;
  if (list.empty()) {
    lines.push_back(" " + paint(words(Text::live_nothing_yet, style.language), Ink::dim, style));
    return lines;
  }
  const FlowTable table(view, style);
  lines.push_back(table.head());
  for (size_t i = 0; i < std::min(kMost, list.size()); ++i) lines.push_back(table.line(list[i], true));
  auto rest = left_out(0, flows, style);
  if (list.size() > kMost)
    rest = say(style.language, Text::live_more, format_count(list.size() - kMost)) + (rest.empty() ? "" : " · ") + rest;
  if (!rest.empty()) lines.push_back(" " + paint(fit(rest, style.width - 2), Ink::dim, style));
  return lines;
}

}  // namespace zctrace::terminal
