#include "viz/terminal/claims_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/language/texts.h"

namespace zctrace::terminal {
namespace {

using claims::Judged;
using claims::Judgment;
using claims::Verdict;

constexpr int kIdWidth = 4;
/// Room for the statement and for what was measured side by side.
constexpr int kBothFit = 120;

constexpr std::array kVerdicts{Verdict::holds, Verdict::holds_if, Verdict::does_not_hold, Verdict::self_contradictory,
                               Verdict::not_tested};

Ink ink_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return Ink::good;
    case Verdict::holds_if:
      return Ink::dma;
    case Verdict::does_not_hold:
    case Verdict::self_contradictory:
      return Ink::warn;
    case Verdict::not_tested:
      break;
  }
  return Ink::dim;
}

Text counted(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return Text::count_holds;
    case Verdict::holds_if:
      return Text::count_holds_if;
    case Verdict::does_not_hold:
      return Text::count_does_not_hold;
    case Verdict::self_contradictory:
      return Text::count_self_contradictory;
    case Verdict::not_tested:
      break;
  }
  return Text::count_not_tested;
}

std::string_view sign(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "✓";
    case Verdict::holds_if:
      return "◐";
    case Verdict::does_not_hold:
      return "✗";
    case Verdict::self_contradictory:
      return "⇄";
    case Verdict::not_tested:
      break;
  }
  return "·";
}

int verdict_width(const Style& style) {
  int width = 0;
  for (const auto verdict : kVerdicts) width = std::max(width, columns(claims::message(verdict, style.language)));
  return width + 2;
}

/// A claim that holds under a condition begins with it.
std::string shown(const Judged& judged, const Style& style) {
  const auto& statement = judged.statement.in(style.language);
  if (judged.verdict != Verdict::holds_if) return statement;
  return say(style.language, Text::claims_told_if, judged.condition.in(style.language), statement);
}

std::string line(const Judged& judged, bool whole_lines, const Style& style) {
  const int verdict = verdict_width(style);
  const int room = style.width - 1 - kIdWidth - 1 - verdict - 2;
  std::string text = shown(judged, style);
  std::string measured = judged.measured.empty() ? judged.why.in(style.language) : judged.measured.in(style.language);
  if (whole_lines) {
    if (!measured.empty()) text += " | " + measured;
  } else if (style.width >= kBothFit) {
    const int half = room / 2;
    text = pad(text, half) + "  " + paint(fit(measured, room - half - 2), Ink::dim, style);
  } else {
    text = fit(text, room);
  }
  return fmt::format(" {} {}  {}\n", paint(pad(judged.id, kIdWidth), Ink::strong, style),
                     painted_verdict(judged.verdict, verdict, style), text);
}

std::string paragraph(Text label, const std::string& text, int label_width, const Style& style) {
  if (text.empty()) return {};
  std::string out;
  const int indent = 6 + label_width + 2;
  bool first = true;
  for (const auto& each : wrap(text, std::max(20, style.width - indent))) {
    out += std::string(6, ' ') +
           paint(pad(first ? words(label, style.language) : std::string_view(), label_width + 2), Ink::dim, style) +
           each + '\n';
    first = false;
  }
  return out;
}

/// Who says so. A link is never broken, so that it can be opened.
std::string sources(const Judged& claim, int label_width, const Style& style) {
  std::string out;
  for (const auto& source : claim.sources)
    out += paragraph(Text::quantity_source, fmt::format("{}, {}", source.name, source.year), label_width, style) +
           std::string(static_cast<size_t>(6 + label_width + 2), ' ') + paint(source.link, Ink::dim, style) + '\n';
  return out;
}

/// "Linux 6.12 in the lab: 9 hold, ..."
std::string count_lines(const Judgment& judgment, const Style& style) {
  std::string counts;
  for (const auto verdict : kVerdicts) {
    const auto count = std::ranges::count(judgment.claims, verdict, &Judged::verdict);
    if (count == 0) continue;
    counts += (counts.empty() ? "" : std::string(words(Text::comma, style.language))) +
              say_chosen(style.language, counted(verdict), count);
  }
  const auto place =
      say_either(style.language, judgment.where == "lab", Text::linux_in_lab, Text::linux_on_host, judgment.kernel);
  std::string lines;
  for (const auto& each : wrap(say(style.language, Text::claims_counted, place, counts), style.width - 2))
    lines += ' ' + each + '\n';
  return lines;
}

}  // namespace

std::string painted_verdict(Verdict verdict, int width, const Style& style) {
  return paint(pad(fmt::format("{} {}", sign(verdict), claims::message(verdict, style.language)), width),
               ink_of(verdict), style);
}

std::string claims_list(const Judgment& judgment, bool whole_lines, const Style& style) {
  std::string out;
  for (const auto& textbook : judgment.textbooks) {
    std::string lines;
    for (const auto& claim : judgment.claims)
      if (claim.textbooks.front() == textbook.id) lines += line(claim, whole_lines, style);
    if (lines.empty()) continue;
    out += (out.empty() ? "" : "\n") +
           paint(fmt::format(" {}  {}", textbook.id, textbook.title.in(style.language)), Ink::strong, style) + '\n' +
           lines;
  }
  return out + '\n' + count_lines(judgment, style);
}

std::string claims_details(const Judgment& judgment, const Style& style) {
  std::string out;
  int label_width = 0;
  for (const auto text :
       {Text::claims_claimed, Text::claims_measured, Text::claims_why, Text::claims_condition, Text::quantity_source})
    label_width = std::max(label_width, columns(words(text, style.language)));
  for (const auto& claim : judgment.claims) {
    std::string from;
    for (const auto& id : claim.textbooks) from += (from.empty() ? "" : " ") + id;
    const auto collected = std::ranges::find(judgment.textbooks, true, &claims::TextbookTitle::collected);
    from = claim.sources.empty() || collected == judgment.textbooks.end()
               ? say(style.language, Text::claims_said_in, from)
               : collected->title.in(style.language);
    if (!out.empty()) out += '\n';
    out += fmt::format(" {} {}  {}\n", paint(pad(claim.id, kIdWidth), Ink::strong, style),
                       painted_verdict(claim.verdict, verdict_width(style), style), paint(from, Ink::dim, style));
    for (const auto& each : wrap(claim.statement.in(style.language), std::max(20, style.width - 6)))
      out += std::string(6, ' ') + each + '\n';
    if (claim.settings.size() + claim.measured.english.size() != 0)
      out += paragraph(Text::claims_claimed, claim.claimed.in(style.language), label_width, style);
    out += paragraph(Text::claims_measured, claim.measured.in(style.language), label_width, style);
    out += paragraph(Text::claims_condition, claim.condition.in(style.language), label_width, style);
    out += paragraph(Text::claims_why, claim.why.in(style.language), label_width, style);
    out += sources(claim, label_width, style);
  }
  return out;
}

std::string claims_by_kernel(std::span<const Judgment> judgments, const Style& style) {
  const int width = verdict_width(style) + 1;
  std::string out = std::string(static_cast<size_t>(kIdWidth) + 2, ' ');
  for (const auto& judgment : judgments)
    out += paint(pad(judgment.kernel.substr(0, judgment.kernel.find_first_of("-+")), width), Ink::strong, style);
  out += '\n';
  for (size_t i = 0; i < judgments.front().claims.size(); ++i) {
    const auto& first = judgments.front().claims[i];
    bool differ = false;
    std::string cells;
    for (const auto& judgment : judgments) {
      const auto& claim = judgment.claims[i];
      differ = differ || claim.verdict != first.verdict || claim.condition.english != first.condition.english;
      cells += painted_verdict(claim.verdict, width, style);
    }
    out += fmt::format(" {} {}{}\n", paint(pad(first.id, kIdWidth), Ink::strong, style), cells,
                       differ ? paint(words(Text::claims_kernels_differ, style.language), Ink::warn, style) : "");
  }
  out += '\n';
  for (const auto& judgment : judgments) out += count_lines(judgment, style);
  return out;
}

}  // namespace zctrace::terminal
