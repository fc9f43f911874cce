#include "viz/page/tour.h"

#include <nlohmann/json.hpp>

#include "model/claims/experiments.h"
#include "model/timeline/names.h"
#include "model/tour/render.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;
using namespace zctrace::tour;

Json json_of(const rules::Value& value, Language language) {
  return {{"text", value.text.in(language)},
          {"number", value.number ? Json(*value.number) : Json(nullptr)},
          {"evidence", timeline::text(value.evidence)},
          {"claimed", value.claimed ? Json(*value.claimed) : Json(nullptr)},
          {"agrees", value.agrees ? Json(*value.agrees) : Json(nullptr)}};
}

Json question(const TourStep& step, const RenderedStep& rendered, Language language) {
  if (!step.question) return nullptr;
  Json choices = Json::array();
  for (const auto& choice : rendered.choices) choices.push_back({{"text", choice.text}, {"measured", choice.measured}});
  return {{"text", step.question->text.in(language)},
          {"choices", std::move(choices)},
          {"answer", json_of(*rendered.answer, language)},
          {"no_answer", rendered.no_answer}};
}

Json table(const RenderedStep& rendered, Language language) {
  if (!rendered.table) return nullptr;
  Json rows = Json::array();
  for (const auto& row : rendered.table->rows) {
    Json cells = Json::array();
    for (const auto& cell : row.cells) cells.push_back(json_of(cell, language));
    rows.push_back({{"title", row.title}, {"cells", std::move(cells)}});
  }
  return {{"columns", rendered.table->columns}, {"rows", std::move(rows)}};
}

Json step_json(const Tour& tour, const TourStep& step, const TourDocuments& documents,
               const std::map<std::string, size_t>& numbers, Language language) {
  const auto rendered = render(step, documents, language);
  Json figures = Json::array();
  for (const auto& figure : rendered.figures)
    figures.push_back({{"label", figure.label}, {"value", json_of(figure.value, language)}});
  Json runs = Json::array();
  for (const auto& name : step.runs())
    if (const auto number = numbers.find(name); number != numbers.end())
      runs.push_back({{"run", number->second},
                      {"title", tour.run(name).title.in(language)},
                      {"command", claims::command_of(*claims::find_experiment(name))}});
  const auto picture = numbers.find(step.picture);
  return {{"id", step.id},
          {"title", step.title.in(language)},
          {"story", step.story.in(language)},
          {"question", question(step, rendered, language)},
          {"picture", picture == numbers.end() ? Json(nullptr) : Json(picture->second)},
          {"figures", std::move(figures)},
          {"table", table(rendered, language)},
          {"why", rendered.why},
          {"runs", std::move(runs)}};
}

}  // namespace

Json tour(const Tour& tour, const TourDocuments& documents, const std::map<std::string, size_t>& numbers,
          const Words& recorded) {
  Json all;
  for (const auto language : kLanguages) {
    Json steps = Json::array();
    for (const auto& step : tour.steps) steps.push_back(step_json(tour, step, documents, numbers, language));
    all[std::string(code(language))] = {{"recorded", recorded.in(language)}, {"steps", std::move(steps)}};
  }
  return all;
}

}  // namespace zctrace::page
