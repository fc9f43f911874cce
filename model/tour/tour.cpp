#include "model/tour/tour.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/rules/rules_json.h"

extern "C" const char zctrace_tour_begin[], zctrace_tour_end[];

namespace zctrace::tour {

namespace {

using Json = nlohmann::ordered_json;  // the values in the order of their steps
using rules::words_of;

TourValue value_of(const std::string& name, const Json& json) {
  return {name,
          json.value("run", ""),
          json.at("figure"),
          json.value("plus", ""),
          json.value("per", ""),
          json.value("claim", ""),
          words_of(json.at("label"))};
}

TourQuestion question_of(const Json& json) {
  TourQuestion question{json.at("value"), words_of(json.at("text")), {}};
  for (const auto& choice : json.value("choices", Json::array()))
    question.choices.push_back({rules::condition_of(choice, question.value, {"text"}), words_of(choice.at("text"))});
  return question;
}

TourStep step_of(const Json& json) {
  TourStep step;
  step.id = json.at("id");
  step.title = words_of(json.at("title"));
  step.story = words_of(json.at("story"));
  if (json.contains("question")) step.question = question_of(json.at("question"));
  for (const auto& [name, value] : json.at("values").items()) step.values.push_back(value_of(name, value));
  step.picture = json.value("picture", "");
  step.pipe = json.value("pipe", false);
  step.figures = json.value("figures", std::vector<std::string>());
  if (json.contains("table")) {
    const auto& table = json.at("table");
    step.table = TourTable{table.at("runs"), {}};
    for (const auto& column : table.at("columns")) step.table->columns.push_back(value_of("", column));
  }
  for (const auto& paragraph : json.at("why")) step.why.push_back(rules::paragraph_of(paragraph));
  return step;
}

Tour read() {
  const auto json = Json::parse(zctrace_tour_begin, zctrace_tour_end);
  Tour tour;
  for (const auto& run : json.at("runs")) tour.runs.push_back({run.at("name"), words_of(run.at("title"))});
  for (const auto& step : json.at("steps")) tour.steps.push_back(step_of(step));
  return tour;
}

/// The data are ours and tested: a name that is not there is a fault of the program.
template <class List, class Member>
const auto& named(const List& list, std::string_view name, Member member) {
  const auto found = std::ranges::find(list, name, member);
  if (found == list.end()) throw std::out_of_range("the tour has no " + std::string(name));
  return *found;
}

}  // namespace

const TourValue& TourStep::value(std::string_view name) const { return named(values, name, &TourValue::name); }

std::vector<std::string> TourStep::runs() const {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  add(picture);
  for (const auto& value : values) add(value.run);
  if (table)
    for (const auto& run : table->runs) add(run);
  return names;
}

const TourRun& Tour::run(std::string_view name) const { return named(runs, name, &TourRun::name); }

const Tour& built_in() {
  static const Tour read_once = read();
  return read_once;
}

}  // namespace zctrace::tour
