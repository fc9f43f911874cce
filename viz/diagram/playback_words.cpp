#include "viz/diagram/playback_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"

namespace zctrace::diagram {

using timeline::Side;

const summary::Arrow* arrow_of(const summary::Picture& picture, const std::string& key) {
  for (const auto* arrows : {&picture.sender, &picture.receiver, &picture.besides}) {
    const auto found = std::ranges::find(*arrows, key, &summary::Arrow::key);
    if (found != arrows->end()) return &*found;
  }
  return nullptr;
}

std::string amount_pattern(const summary::Arrow& arrow) {
  auto pattern = arrow.amount;
  // The bytes may bear a mark of how well they are known, which stays.
  const auto digits = std::min(arrow.bytes.find_first_of("0123456789"), arrow.bytes.size());
  const auto bytes = arrow.bytes.substr(digits);
  if (const auto at = pattern.find(bytes); !bytes.empty() && at != pattern.npos)
    pattern.replace(at, bytes.size(), "{}");
  return pattern;
}

std::string amount_of(const summary::Arrow* arrow, uint64_t bytes) {
  auto amount = arrow ? amount_pattern(*arrow) : std::string("{}");
  if (const auto at = amount.find("{}"); at != amount.npos) amount.replace(at, 2, format_bytes(bytes));
  return amount;
}

namespace {

std::string moved(const Playback& play, const Step::Moved& moved, const summary::Picture& picture, Language language) {
  const auto& way = play.ways[moved.way];
  const auto amount = amount_of(arrow_of(picture, way.key), moved.bytes);
  const auto from = summary::word(way.edge.from, language), to = summary::word(way.edge.to, language);
  return say_either(language, way.side == Side::sender, Text::play_moved, Text::play_received, amount, from, to);
}

}  // namespace

std::string sentence(const Playback& play, const Step& step, const summary::Picture& picture, Language language) {
  switch (step.kind) {
    case Step::Kind::enter:
      return say(language, Text::play_enter, step.name);
    case Step::Kind::leave:
      return say(language, Text::play_leave, step.name);
    case Step::Kind::fault:
      return say_count(language, step.count, Text::play_fault, Text::play_faults);
    case Step::Kind::move:
      return step.moved.empty() ? "" : moved(play, step.moved[0], picture, language);
    case Step::Kind::rest:
      break;
  }
  return say(language, Text::play_rest, format_count(step.calls), format_count(play.calls));
}

std::string speed(const Playback& play, Language language) {
  if (play.slowdown == 0) return "";
  const auto times = [](double value) {
    return value < 9.95 ? fmt::format("{:.1f}", value) : format_count(rounded(value));
  };
  return say_either(language, play.slowdown >= 1, Text::play_speed, Text::play_speed_times,
                    times(play.slowdown >= 1 ? play.slowdown : 1 / play.slowdown));
}

std::string received(const Playback& play, Language language) {
  const auto& first = play.first;
  if (first.known())
    return say(language, Text::play_first_received,
               say_count(language, first.count, Text::sequence_one_call, Text::sequence_calls),
               format_ns(first.complete_ns - first.window.from));
  const auto unknown = unknown_text(first, language);
  return unknown.empty() ? "" : say(language, Text::play_first_unknown, unknown);
}

std::string caution(const timeline::Run& run, Language language) {
  return std::string(words(run.kernel.where == "lab" ? Text::play_guest : Text::play_traced, language));
}

std::string missing(const timeline::Run& run, const Playback& play, Language language) {
  if (run.lost.events > 0) return say(language, Text::play_lost, summary::lost_sentence(run, language));
  return play.complete ? "" : std::string(words(Text::play_incomplete, language));
}

}  // namespace zctrace::diagram
