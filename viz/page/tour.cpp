#include "viz/page/tour.h"

#include <nlohmann/json.hpp>

#include "model/claims/experiments.h"
#include "model/timeline/names.h"
#include "model/tour/told.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;
using namespace zctrace::tour;

Json value(const TourMeasured& measured) {
  return {{"text", measured.text},
          {"number", measured.number ? Json(*measured.number) : Json(nullptr)},
          {"evidence", timeline::text(measured.evidence)},
          {"claimed", measured.claimed ? Json(*measured.claimed) : Json(nullptr)},
          {"agrees", measured.agrees ? Json(*measured.agrees) : Json(nullptr)}};
}

Json question(const TourStep& step, const ToldStep& told, Language language) {
  if (!step.question) return nullptr;
  Json choices = Json::array();
  for (const auto& choice : told.choices) choices.push_back({{"text", choice.text}, {"measured", choice.measured}});
  return {{"text", step.question->text.in(language)},
          {"choices", std::move(choices)},
          {"answer", value(*told.answer)},
          {"no_answer", told.no_answer}};
}

Json table(const ToldStep& told) {
  if (!told.table) return nullptr;
  Json rows = Json::array();
  for (const auto& row : told.table->rows) {
    Json cells = Json::array();
    for (const auto& cell : row.cells) cells.push_back(value(cell));
    rows.push_back({{"title", row.title}, {"cells", std::move(cells)}});
  }
  return {{"columns", told.table->columns}, {"rows", std::move(rows)}};
}

Json step_told(const Tour& tour, const TourStep& step, const TourDocuments& documents,
               const std::map<std::string, size_t>& numbers, Language language) {
  const auto told = tell(step, documents, language);
  Json figures = Json::array();
  for (const auto& figure : told.figures)
    figures.push_back({{"label", figure.label}, {"value", value(figure.measured)}});
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
          {"question", question(step, told, language)},
          {"picture", picture == numbers.end() ? Json(nullptr) : Json(picture->second)},
          {"figures", std::move(figures)},
          {"table", table(told)},
          {"why", told.why},
          {"runs", std::move(runs)}};
}

}  // namespace

Json tour(const Tour& tour, const TourDocuments& documents, const std::map<std::string, size_t>& numbers,
          const Words& recorded) {
  Json all;
  for (const auto language : kLanguages) {
    Json steps = Json::array();
    for (const auto& step : tour.steps) steps.push_back(step_told(tour, step, documents, numbers, language));
    all[std::string(code(language))] = {{"recorded", recorded.in(language)}, {"steps", std::move(steps)}};
  }
  return all;
}

}  // namespace zctrace::page
