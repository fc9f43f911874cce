#include "model/tour/told.h"

#include <algorithm>

#include "model/claims/method_claims.h"
#include "model/language/texts.h"
#include "model/summary/sentences.h"

namespace zctrace::tour {

using namespace claims;
namespace {

using Values = std::map<std::string, TourMeasured, std::less<>>;

/// What a text's {name}, {name.how} or {name.claim} stands for; nothing where that is not known.
std::optional<std::string> filled(std::string_view hole, const Values& values) {
  const auto dot = hole.find('.');
  const auto& measured = values.at(std::string(hole.substr(0, dot)));
  if (!measured.known()) return {};
  if (dot == hole.npos) return measured.text;
  if (hole.substr(dot) == ".how") return measured.how.empty() ? std::nullopt : std::optional(measured.how);
  return measured.claimed ? std::optional(std::to_string(*measured.claimed)) : std::nullopt;
}

/// Nothing where a value that it speaks of is not known.
std::optional<std::string> fill(std::string_view text, const Values& values) {
  std::string said;
  for (size_t begin; (begin = text.find('{')) != text.npos;) {
    said += text.substr(0, begin);
    text.remove_prefix(begin + 1);
    const auto end = text.find('}');
    const auto value = filled(text.substr(0, end), values);
    if (!value) return {};
    said += *value;
    text.remove_prefix(end + 1);
  }
  return said.append(text);
}

/// Nothing where one of the two is not known.
std::optional<bool> met(const TourCondition& condition, const Values& values) {
  const auto& left = values.at(condition.left);
  if (!left.known()) return {};
  using Is = TourCondition::Is;
  std::optional<double> right;
  if (const auto* number = std::get_if<double>(&condition.right)) {
    right = *number;
  } else if (const auto& name = std::get<std::string>(condition.right); name == "claim") {
    if (left.claimed) right = *left.claimed;
  } else if (!left.edge.empty()) {
    return (left.edge == name) == (condition.is == Is::same);
  } else if (const auto& other = values.at(name); other.known()) {
    right = other.number;
  }
  if (!right || !left.number) return {};
  const bool same = is_measured(left, *right);
  switch (condition.is) {
    case Is::same:
      return same;
    case Is::other:
      return !same;
    case Is::less:
      return !same && *left.number < *right;
    case Is::more:
      return !same && *left.number > *right;
  }
  return {};
}

std::optional<std::string> tell_paragraph(const TourParagraph& paragraph, const Values& values, Language language) {
  for (const auto& variant : paragraph) {
    const bool fits = std::ranges::all_of(
        variant.when, [&](const TourCondition& condition) { return met(condition, values).value_or(false); });
    if (!fits) continue;
    if (auto text = fill(variant.text.in(language), values)) return text;
  }
  return {};
}

/// Why a value is none that answers.
std::string why_not(const TourValue& value, const TourMeasured& measured, const TourDocuments& documents,
                    Language language) {
  const auto found = documents.find(value.run);
  if (found == documents.end())
    return say(language, Text::tour_not_measured, built_in().run(value.run).title.in(language));
  if (measured.evidence == timeline::Evidence::none) return std::string(words(Text::tour_not_seen, language));
  return say(language, Text::tour_not_exact, measured.text,
             summary::evidence_sentence(found->second.run, language).text);
}

ToldTable tell_table(const TourTable& table, const TourDocuments& documents, Language language) {
  ToldTable told;
  for (const auto& column : table.columns) told.columns.push_back(column.label.in(language));
  for (const auto& run : table.runs) {
    auto& row = told.rows.emplace_back(ToldTable::Row{built_in().run(run).title.in(language), {}});
    for (auto value : table.columns) {
      value.run = run;
      row.cells.push_back(look_up(value, documents, language));
    }
  }
  return told;
}

}  // namespace

ToldStep tell(const TourStep& step, const TourDocuments& documents, Language language) {
  ToldStep told;
  Values values;
  for (const auto& value : step.values) values[value.name] = look_up(value, documents, language);
  if (step.question) {
    told.answer = values.at(step.question->value);
    if (!told.answer->known())
      told.no_answer = why_not(step.value(step.question->value), *told.answer, documents, language);
    for (const auto& choice : step.question->choices)
      told.choices.push_back(
          {choice.text.in(language), told.answer->known() && is_measured(*told.answer, choice.value)});
  }
  for (const auto& name : step.figures) told.figures.push_back({step.value(name).label.in(language), values.at(name)});
  if (step.table) told.table = tell_table(*step.table, documents, language);
  for (const auto& paragraph : step.why)
    if (auto text = tell_paragraph(paragraph, values, language)) told.why.push_back(std::move(*text));
  return told;
}

}  // namespace zctrace::tour
