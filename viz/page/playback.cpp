#include "viz/page/playback.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/language/language.h"
#include "viz/diagram/playback_words.h"

namespace zctrace::page {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostSteps = 300;

/// {"en", "zh"} of what `text` says with each language's picture.
template <class Say>
Json both(const std::array<summary::Picture, 2>& pictures, const Say& say) {
  Json words;
  for (size_t i = 0; i < std::size(kLanguages); ++i)
    words[std::string(code(kLanguages[i]))] = say(pictures[i], kLanguages[i]);
  return words;
}

Json step_of(const diagram::Playback& play, const diagram::Step& step,
             const std::array<summary::Picture, 2>& pictures) {
  static constexpr std::string_view kKinds[] = {"enter", "leave", "fault", "move", "rest"};
  Json moved = Json::array();
  for (const auto& each : step.moved) moved.push_back(each.way);
  return {{"kind", kKinds[static_cast<size_t>(step.kind)]},
          {"begin", step.begin},
          {"length", step.length},
          {"until", step.until_ns},
          {"mark", step.mark},
          {"moved", std::move(moved)},
          {"bytes", step.bytes},
          {"copied", play.cpu_bytes(step)},
          {"arrived", play.arrived(step)},
          {"switches", step.mode_switches},
          {"calls", step.calls},
          {"busy", step.busy_ns ? Json(*step.busy_ns) : Json()},
          {"said", both(pictures, [&](const summary::Picture& picture, Language language) {
             return diagram::sentence(play, step, picture, language);
           })}};
}

}  // namespace

std::optional<Json> playback(const timeline::Recording& recording, const diagram::Choice& choice) {
  const auto& run = recording.run;
  if (recording.ledger.flows || recording.events.empty()) return std::nullopt;
  std::array<summary::Picture, 2> pictures;
  const auto order = diagram::first_round(recording, choice);
  for (size_t i = 0; i < std::size(kLanguages); ++i)
    pictures[i] = summary::picture(run, recording.ledger, kLanguages[i], order);
  const auto play = diagram::playback(recording, choice, pictures[0].round, kMostSteps);
  if (play.steps.empty()) return std::nullopt;
  Json ways = Json::array(), steps = Json::array();
  for (const auto& way : play.ways)
    ways.push_back({{"edge", way.key}, {"amount", both(pictures, [&](const summary::Picture& picture, Language) {
                                          const auto* arrow = diagram::arrow_of(picture, way.key);
                                          return arrow ? diagram::amount_pattern(*arrow) : "{}";
                                        })}});
  for (const auto& step : play.steps) steps.push_back(step_of(play, step, pictures));
  using timeline::Evidence;
  return Json{
      {"end", play.end_ns},
      {"seconds", play.seconds},
      {"slow", play.slow},
      {"copies_known", play.copies_known},
      {"switches_known", timeline::mode_switches_evidence(run) != Evidence::none},
      {"speed", both(pictures, [&](const auto&, Language language) { return diagram::speed(play, language); })},
      {"missing",
       both(pictures, [&](const auto&, Language language) { return diagram::missing(run, play, language); })},
      {"received", both(pictures, [&](const auto&, Language language) { return diagram::received(play, language); })},
      {"caution", both(pictures, [&](const auto&, Language language) { return diagram::caution(run, language); })},
      {"ways", std::move(ways)},
      {"steps", std::move(steps)}};
}

}  // namespace zctrace::page
