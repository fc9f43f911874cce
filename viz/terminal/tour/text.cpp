#include "viz/terminal/tour/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "model/claims/experiments.h"
#include "model/language/texts.h"
#include "model/summary/question.h"
#include "model/summary/sentences.h"
#include "viz/terminal/diagram.h"

namespace zctrace::terminal {

using namespace claims;
namespace {

int widest(const std::vector<std::string>& texts) {
  int width = 0;
  for (const auto& text : texts) width = std::max(width, columns(text));
  return width;
}

/// "Measured   2.00": a word and what belongs to it, the latter in as many lines as it needs.
void add_row(Lines& lines, std::string_view label, int width, std::string_view text, Ink ink, const Style& style) {
  auto head = paint(pad(label, width), Ink::dim, style);
  for (const auto& line : wrap(text, style.width - width - 4)) {
    lines.push_back(" " + head + "  " + paint(line, ink, style));
    head = std::string(static_cast<size_t>(width), ' ');
  }
}

Ink ink_of(const rules::Value& value) {
  if (!tour::known(value)) return Ink::warn;
  return value.agrees == false ? Ink::cpu : Ink::strong;
}

/// "2.00", and the textbooks' figure where it differs.
std::string cell_text(const rules::Value& value, Language language) {
  const auto& text = value.text.in(language);
  return value.agrees == false ? fmt::format("{} ({})", text, *value.claimed) : text;
}

void add_table(Lines& lines, const tour::RenderedTable& table, const Style& style) {
  constexpr int kGap = 3;
  std::vector<std::string> titles;
  for (const auto& row : table.rows) titles.push_back(row.title);
  std::vector<int> widths;
  int others = 0;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    std::vector<std::string> cells{table.columns[i]};
    for (const auto& row : table.rows) cells.push_back(cell_text(row.cells[i], style.language));
    widths.push_back(widest(cells));
    others += widths.back() + kGap;
  }
  const int first = std::max(1, std::min(widest(titles), style.width - 2 - others));
  const auto cell = [&](std::string_view text, size_t i) { return pad(text, widths[i] + kGap, true); };
  std::string head(static_cast<size_t>(first), ' ');
  for (size_t i = 0; i < table.columns.size(); ++i) head += cell(table.columns[i], i);
  lines.push_back(" " + paint(head, Ink::dim, style));
  for (const auto& row : table.rows) {
    auto line = pad(row.title, first);
    for (size_t i = 0; i < row.cells.size(); ++i)
      line += paint(cell(cell_text(row.cells[i], style.language), i), ink_of(row.cells[i]), style);
    lines.push_back(" " + line);
  }
}

}  // namespace

Lines paragraph_lines(std::string_view text, Ink ink, const Style& style) {
  Lines lines;
  for (const auto& line : wrap(text, style.width - 2)) lines.push_back(" " + paint(line, ink, style));
  return lines;
}

bool is_right(const tour::RenderedStep& rendered, double prediction) {
  if (!rendered.answer || !tour::known(*rendered.answer)) return false;
  if (!rendered.choices.empty()) return rendered.choices.at(static_cast<size_t>(prediction)).measured;
  return rendered.answer->number && !rules::contradicts(*rendered.answer->number, prediction);
}

Lines heading_lines(size_t number, const Style& style) {
  const auto& steps = tour::built_in().steps;
  const auto title =
      say(style.language, Text::tour_step, number + 1, steps.size(), steps.at(number).title.in(style.language));
  const auto text = fit(title, style.width - 8);
  std::string rule;
  for (int i = columns(text) + 5; i < style.width; ++i) rule += "─";
  return {paint("─── ", Ink::dim, style) + paint(text, Ink::strong, style) + " " + paint(rule, Ink::dim, style)};
}

Lines story_lines(const tour::TourStep& step, const Style& style) {
  return paragraph_lines(step.story.in(style.language), Ink::plain, style);
}

Lines asked_lines(const tour::TourStep& step, const Style& style) {
  if (!step.question || step.picture.empty() || style.width < kNarrowestDiagram) return {};
  auto lines = diagram(summary::question(step.pipe, style.language), style);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Lines question_lines(const tour::TourStep& step, const Style& style) {
  if (!step.question) return {};
  const auto& question = *step.question;
  auto lines =
      paragraph_lines(std::string(words(Text::tour_predict, style.language)) + " " + question.text.in(style.language),
                      Ink::strong, style);
  char letter = 'a';
  for (const auto& choice : question.choices)
    lines.push_back(fmt::format("   {}  {}", letter++, paint(choice.text.in(style.language), Ink::plain, style)));
  return lines;
}

Lines answer_lines(const tour::RenderedStep& rendered, Prediction prediction, const Style& style) {
  if (!rendered.answer) return {};
  const auto language = style.language;
  const auto& answer = *rendered.answer;
  if (!rendered.no_answer.empty())
    return paragraph_lines(say(language, Text::tour_no_answer, rendered.no_answer), Ink::warn, style);
  const std::string measured(words(Text::tour_measured, language)), textbooks(words(Text::tour_documents, language)),
      predicted(words(Text::tour_predicted, language));
  const int width = widest({measured, textbooks, predicted});
  Lines lines;
  add_row(lines, measured, width, answer.text.in(language), Ink::strong, style);
  if (prediction) {
    const bool right = is_right(rendered, *prediction);
    const auto text = rendered.choices.empty() ? fmt::format("{}", *prediction)
                                               : rendered.choices.at(static_cast<size_t>(*prediction)).text;
    add_row(lines, predicted, width, say_either(language, right, Text::tour_right, Text::tour_wrong, text),
            right ? Ink::good : Ink::plain, style);
  }
  if (answer.agrees)
    add_row(lines, textbooks, width,
            say(language, Text::labelled, *answer.claimed,
                words(*answer.agrees ? Text::tour_agrees : Text::tour_differs, language)),
            *answer.agrees ? Ink::plain : Ink::cpu, style);
  return lines;
}

Lines picture_lines(const tour::TourStep& step, const tour::TourDocuments& documents, const Style& style) {
  const auto found = documents.find(step.picture);
  if (found == documents.end()) return {};
  const auto& document = found->second;
  const auto command = command_of(*find_experiment(step.picture));
  auto lines = paragraph_lines(say(style.language, Text::tour_run_it, command), Ink::dim, style);
  for (auto& line : paragraph_lines(summary::setting(document.run, style.language), Ink::dim, style))
    lines.push_back(std::move(line));
  if (style.width >= kNarrowestDiagram)
    for (auto& line : diagram(document.run, document.ledger, style)) lines.push_back(std::move(line));
  return lines;
}

Lines figure_lines(const tour::RenderedStep& rendered, const Style& style) {
  Lines lines;
  std::vector<std::string> labels, values;
  for (const auto& figure : rendered.figures) {
    labels.push_back(figure.label);
    values.push_back(figure.value.text.in(style.language));
  }
  const int width = std::min(widest(labels), style.width / 2 + 4),
            value_width = std::min(widest(values), style.width / 2 - 8);
  for (const auto& figure : rendered.figures) {
    auto line = paint(pad(figure.label, width), Ink::plain, style) + "  " +
                paint(pad(figure.value.text.in(style.language), value_width, true), ink_of(figure.value), style);
    const auto beside =
        figure.value.agrees ? say(style.language, Text::tour_claimed_beside, *figure.value.claimed) : std::string();
    if (!beside.empty() && width + value_width + columns(beside) + 6 <= style.width)
      line += "  " + paint(beside, Ink::dim, style);
    lines.push_back(" " + line);
  }
  if (rendered.table) add_table(lines, *rendered.table, style);
  return lines;
}

Lines why_lines(const tour::TourStep& step, const tour::RenderedStep& rendered, const Style& style) {
  Lines lines;
  if (step.why.empty()) return lines;
  const auto add = [&](std::string_view text, Ink ink) {
    for (auto& line : paragraph_lines(text, ink, style)) lines.push_back(std::move(line));
  };
  if (rendered.why.empty()) {
    add(words(Text::tour_why_unknown, style.language), Ink::warn);
    return lines;
  }
  for (const auto& text : rendered.why) {
    if (!lines.empty()) lines.emplace_back();
    add(text, Ink::plain);
  }
  return lines;
}

Lines farewell_lines(size_t right, size_t asked, const Style& style) {
  const auto language = style.language;
  Lines lines;
  if (asked > 0) {
    lines = paragraph_lines(say(language, Text::tour_score, right, asked), Ink::strong, style);
    lines.emplace_back();
  }
  lines.push_back(" " + paint(words(Text::tour_go_on, language), Ink::strong, style));
  const std::pair<std::string_view, Text> commands[] = {{"zctrace claims", Text::tour_go_on_claims},
                                                        {"zctrace run all --report all.html", Text::tour_go_on_run},
                                                        {"zctrace compare A.json B.json", Text::tour_go_on_compare}};
  for (const auto& [command, what] : commands)
    lines.push_back(fmt::format("   {} {}", paint(pad(command, 35), Ink::plain, style),
                                paint(fit(words(what, language), style.width - 40), Ink::dim, style)));
  return lines;
}

}  // namespace zctrace::terminal
