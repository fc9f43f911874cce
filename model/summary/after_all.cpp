#include "model/summary/after_all.h"

#include <algorithm>
#include <charconv>

#include "base/units.h"
#include "model/language/texts.h"
#include "model/quantities/amount.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

/// Copies of one kind together, and the functions that make them.
struct Moved {
  uint64_t bytes = 0;
  std::vector<std::string> functions;
  bool in_softirq = true;  ///< all of them

  std::string by(Language language) const {
    std::string text;
    for (const auto& name : functions) text += (text.empty() ? "" : std::string(words(Text::comma, language))) + name;
    return in_softirq ? say(language, Text::in_softirq_too, text) : text;
  }
};

template <class Counts>
Moved sum_of(const Ledger& ledger, Side side, Mover by, Language language, const Counts& counts) {
  Moved sum;
  for (const Copy& copy : ledger.copies) {
    if (copy.side != side || copy.by != by || !counts(copy)) continue;
    sum.bytes += copy.bytes;
    const auto name = copy.via.empty() ? copy.function : say(language, Text::function_within, copy.function, copy.via);
    if (std::ranges::find(sum.functions, name) == sum.functions.end()) sum.functions.push_back(name);
    sum.in_softirq &= copy.context == Context::softirq;
  }
  return sum;
}

bool is_worth_a_word(uint64_t copied, uint64_t of) {
  return of > 0 && !quantities::is_zero_copy(static_cast<double>(copied) / static_cast<double>(of));
}

/// What is done with the bytes of one side at a place that takes pages by reference.
struct AtPlace {
  Moved passed_on;  ///< to it, by reference
  Moved brought;    ///< to it, by the CPU
  Moved copied;     ///< from it, by the CPU, on the way to where references could have led too

  /// Bytes of what was passed on that were copied after all; those that were brought by a copy may be copied as well.
  uint64_t after_all() const { return copied.bytes > brought.bytes ? copied.bytes - brought.bytes : 0; }
};

AtPlace at(const Ledger& ledger, Side side, End place, Language language) {
  const auto sum = [&](Mover by, const auto& counts) { return sum_of(ledger, side, by, language, counts); };
  return {
      sum(Mover::reference, [&](const Copy& copy) { return copy.to == place; }),
      sum(Mover::cpu, [&](const Copy& copy) { return copy.to == place && copy.from != place; }),
      sum(Mover::cpu, [&](const Copy& copy) { return copy.from == place && copy.to != End::user_buffer; }),
  };
}

/// "Passed on ... copied after all", of a side and a place.
void tell_copied(std::vector<std::string>& told, const Ledger& ledger, Side side, End place, Language language) {
  const AtPlace found = at(ledger, side, place, language);
  const uint64_t copied = found.after_all();
  if (is_worth_a_word(copied, found.passed_on.bytes))
    told.push_back(say(language, Text::copied_after_all, word(place, language), format_bytes(found.passed_on.bytes),
                       format_bytes(copied), found.copied.by(language)));
}

/// Out of a socket into a pipe pages are passed on, but the linear part of a buffer is copied by the same function.
void tell_linear_part(std::vector<std::string>& told, const Ledger& ledger, Side side, Language language) {
  const auto is_spliced = [](const Copy& copy) { return copy.from == End::socket_buffer && copy.to == End::pipe; };
  const Moved passed_on = sum_of(ledger, side, Mover::reference, language, is_spliced);
  const Moved copied = sum_of(ledger, side, Mover::cpu, language, is_spliced);
  if (copied.bytes > 0)
    told.push_back(say(language, Text::could_not_be_passed_on, word(End::pipe, language), format_bytes(copied.bytes),
                       format_bytes(copied.bytes + passed_on.bytes), copied.by(language)));
}

uint64_t number_of(const Message& argument) {
  uint64_t number = 0;
  const auto& digits = argument.verbatim();
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// Do the completions call copied what was not, or the other way round?
void tell_disagreement(std::vector<std::string>& told, const Run& run, const Ledger& ledger, Language language) {
  const auto note = std::ranges::find(run.evidence.notes, Text::note_completions, &Message::id);
  if (note == run.evidence.notes.end() || copies_evidence(run, Side::sender) != Evidence::exact) return;
  const uint64_t reported = number_of(note->arguments().at(0)), sends = number_of(note->arguments().at(1));
  const AtPlace found = at(ledger, Side::sender, End::socket_buffer, language);
  const uint64_t all = found.passed_on.bytes + found.brought.bytes, copied = found.brought.bytes + found.after_all();
  if (sends == 0 || (reported > 0) == is_worth_a_word(copied, all)) return;
  told.push_back(say(language, Text::completions_disagree, format_count(reported), format_count(sends),
                     format_bytes(copied), format_bytes(all)));
}

}  // namespace

std::vector<std::string> after_all(const Run& run, const Ledger& ledger, Language language) {
  std::vector<std::string> told;
  // A program's flows are many, and each has figures of its own.
  if (is_program(run) || ledger.flows) return told;
  for (const Side side : {Side::sender, Side::receiver}) {
    if (copies_evidence(run, side) != Evidence::exact) continue;
    for (const End place : {End::pipe, End::socket_buffer}) tell_copied(told, ledger, side, place, language);
    tell_linear_part(told, ledger, side, language);
  }
  tell_disagreement(told, run, ledger, language);
  return told;
}

}  // namespace zctrace::summary
