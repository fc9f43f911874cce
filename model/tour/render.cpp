#include "model/tour/render.h"

#include <map>

#include "model/language/texts.h"
#include "model/summary/sentences.h"

namespace zctrace::tour {

namespace {

using rules::Value;

/// Why a value is none that answers.
std::string why_not(const TourValue& asked, const Value& value, const TourDocuments& documents, Language language) {
  const auto found = documents.find(asked.run);
  if (found == documents.end())
    return say(language, Text::tour_not_measured, built_in().run(asked.run).title.in(language));
  if (value.evidence == timeline::Evidence::none) return std::string(words(Text::tour_not_seen, language));
  return say(language, Text::tour_not_exact, value.text.in(language),
             summary::evidence_sentence(found->second.run, language).text);
}

RenderedTable render_table(const TourTable& table, const TourDocuments& documents, Language language) {
  RenderedTable rendered;
  for (const auto& column : table.columns) rendered.columns.push_back(column.label.in(language));
  for (const auto& run : table.runs) {
    auto& row = rendered.rows.emplace_back(RenderedTable::Row{built_in().run(run).title.in(language), {}});
    for (auto value : table.columns) {
      value.run = run;
      row.cells.push_back(look_up(value, documents));
    }
  }
  return rendered;
}

}  // namespace

RenderedStep render(const TourStep& step, const TourDocuments& documents, Language language) {
  RenderedStep rendered;
  std::map<std::string, Value, std::less<>> values;
  for (const auto& value : step.values) values[value.name] = look_up(value, documents);
  const rules::LookUp proven = [&](const std::string& name) {
    const auto& value = values.at(name);
    return known(value) ? value : Value();
  };
  if (step.question) {
    rendered.answer = values.at(step.question->value);
    if (!known(*rendered.answer))
      rendered.no_answer = why_not(step.value(step.question->value), *rendered.answer, documents, language);
    for (const auto& choice : step.question->choices)
      rendered.choices.push_back({choice.text.in(language), rules::holds(choice.is, proven).value_or(false)});
  }
  for (const auto& name : step.figures)
    rendered.figures.push_back({step.value(name).label.in(language), values.at(name)});
  if (step.table) rendered.table = render_table(*step.table, documents, language);
  for (const auto& paragraph : step.why)
    if (const auto text = rules::rendered(paragraph, proven)) rendered.why.push_back(text->in(language));
  return rendered;
}

}  // namespace zctrace::tour
