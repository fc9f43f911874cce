#include "model/summary/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/units.h"
#include "model/quantities/quantities.h"
#include "model/summary/command_text.h"
#include "model/summary/program_verdict.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::summary {

using namespace timeline;

std::string title(const Run& run, Language language) {
  if (run.method.empty() || is_program(run))
    return run.command.empty() ? std::string(words(Text::program, language)) : command_text(run.command);
  return claims::method_title(run.method, language);
}

std::string full_title(const Run& run, Language language) {
  const auto* claim = claim_of(run);
  if (claim == nullptr || !claim->scatter_gather || run.path.device.empty()) return title(run, language);
  return say(language, Text::title_with, title(run, language),
             words(run.path.scatter_gather ? Text::sg_on : Text::sg_off, language));
}

std::string setting(const Run& run, Language language) {
  std::string text;
  const auto add = [&](std::string_view separator, const std::string& more) {
    text += (text.empty() ? "" : std::string(separator)) + more;
  };
  if (run.size != 0 && run.chunk != 0) {
    add("", say(language, Text::in_chunks, format_size(run.size), format_size(run.chunk)));
  } else if (run.size != 0) {
    add("", format_size(run.size));
  }
  if (run.cache == "cold" || run.cache == "warm")
    add(words(Text::comma, language),
        std::string(words(run.cache == "cold" ? Text::cold_cache : Text::warm_cache, language)));
  if (is_program(run) && run.duration_ns != 0)
    add(words(Text::comma, language), say(language, Text::traced_for, format_ns(run.duration_ns)));
  if (const std::string kernel = kernel_text(run.kernel, language); !kernel.empty()) add(" · ", kernel);
  return text;
}

std::string network(const Run& run, Language language) {
  const auto& path = run.path;
  if (path.kind == "file") return std::string(words(Text::into_a_file, language));
  if (path.kind == "pipe") return std::string(words(Text::into_a_pipe, language));
  if (path.device.empty()) return path.kind;
  const auto what = path.driver.empty() || path.driver == path.device ? path.kind : path.driver;
  const auto state = [&](bool on) { return words(on ? Text::on : Text::off, language); };
  return say(language, Text::device_offloads, path.device, what,
             say(language, Text::offloads, state(path.scatter_gather), state(path.tx_checksum), state(path.tso)));
}

std::string copies_text(const Run& run, const Ledger& ledger, Side side, Language language) {
  const quantities::Subject subject{run, ledger, side};
  if (!amount("cpu_copies_per_byte", subject).number)
    return std::string(words(Text::copies_each_byte_unknown, language));
  return say(language, Text::copies_each_byte, shown("cpu_copies_per_byte", subject, language));
}

std::string mode_switches_text(const Run& run, const Ledger& ledger, Side side, Language language, bool each) {
  const quantities::Subject subject{run, ledger, side};
  const auto total = amount("mode_switches", subject);
  if (each && side == Side::sender && amount("mode_switches/per_chunk", subject).number)
    return say(language, Text::switches_each, shown("mode_switches", subject, language),
               shown("mode_switches/per_chunk", subject, language));
  return mode_switches_text(total, language);
}

std::string mode_switches_text(const quantities::Amount& total, Language language) {
  if (!total.number) return std::string(words(Text::switches_unknown, language));
  return mark(total.evidence) + say_count(language, total.count, Text::claim_one_switch, Text::claim_switches);
}

std::string calls_text(const Run& run, const Figures& figures, Language language) {
  const auto evidence = run.evidence.system_calls;
  if (evidence == Evidence::none) return std::string(words(Text::unknown, language));
  constexpr size_t kMost = 6;
  const auto shown = [&](uint64_t count) {
    return quantities::shown(quantities::counted(count, evidence), quantities::Unit::count, language);
  };
  std::vector<std::pair<std::string, uint64_t>> calls(figures.syscalls.begin(), figures.syscalls.end());
  std::ranges::stable_sort(calls, std::greater{}, &std::pair<std::string, uint64_t>::second);
  std::string joined;
  const auto add = [&](const std::string& more) {
    joined += (joined.empty() ? "" : std::string(words(Text::comma, language))) + more;
  };
  uint64_t others = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (i < kMost || calls.size() == kMost + 1) {
      add(calls[i].first + " " + shown(calls[i].second));
    } else {
      others += calls[i].second;
    }
  }
  if (others > 0) add(say(language, Text::calls_of_other_kinds, shown(others)));
  return joined.empty() ? std::string(words(Text::none, language)) : joined;
}

Tone copies_tone(const quantities::Amount& per_byte, double transforms_per_byte) {
  if (!per_byte.number) return Tone::unknown;
  if (!quantities::is_zero_copy(*per_byte.number)) return Tone::bad;
  if (per_byte.evidence == Evidence::at_least) return Tone::unknown;
  return quantities::is_untouched(*per_byte.number, transforms_per_byte) ? Tone::good : Tone::transformed;
}

namespace {

/// What touched the bytes beside copies: on a line of its own, and as the end of a judgment.
struct Touched {
  std::string line, ending;
};

Touched touched(const Run& run, const Ledger& ledger, Language language) {
  const quantities::Subject sender{run, ledger};
  if (amount("transforms_per_byte", sender).number) {
    const auto by = ciphers_text(ciphers(ledger), language);
    return {say(language, Text::flow_transforms, shown("transforms_per_byte", sender, language), by),
            say(language, Text::own_transformed, format_bytes(transformed_bytes(ledger)), by)};
  }
  const auto unseen = run.own_passes   ? words(Text::own_not_visible, language)
                      : run.kernel_tls ? words(Text::cipher_not_seen, language)
                                       : std::string_view();
  return {std::string(unseen), std::string(unseen)};
}

Verdict verdict_of_kernel(const Run& run, const Ledger& ledger, Language language) {
  if (ledger.flows) return program_verdict(run, *ledger.flows, language);
  const auto side = run.judged;
  const bool sends = side == Side::sender;
  Verdict verdict;
  verdict.what = words(sends ? Text::on_sending_side : Text::on_receiving_side, language);
  const quantities::Subject subject{run, ledger, side};
  const auto ratio = amount("cpu_copies_per_byte", subject);
  verdict.figure = shown("cpu_copies_per_byte", subject, language);
  if (!ratio.number) {
    verdict.sentence =
        words(sends ? Text::copies_on_sending_side_unknown : Text::copies_on_receiving_side_unknown, language);
    verdict.judgment = words(Text::copies_not_known, language);
    return verdict;
  }
  const auto evidence = copies_evidence(run, side);
  if (!sends || !run.evidence.copies_unknown) verdict.evidence = evidence;
  const auto copied = cpu_bytes(ledger, side);
  verdict.sentence =
      say_either(language, sends, Text::copies_on_sending_side, Text::copies_on_receiving_side, verdict.figure);
  // What the receiver does beside copying is not looked at.
  quantities::Amount transforms;
  if (sends) transforms = amount("transforms_per_byte", subject);
  const auto beside = sends ? touched(run, ledger, language) : Touched{};
  verdict.beside = beside.line;
  verdict.tone = copies_tone(ratio, transforms.number ? *transforms.number : 0);
  const auto all = format_bytes(side_bytes(ledger, side));
  const bool few = quantities::is_zero_copy(*ratio.number) && ratio.evidence != Evidence::at_least;
  const bool untouched = beside.line.empty();
  if (few && !untouched && !transforms.number) verdict.tone = Tone::unknown;
  if (!few) {
    verdict.judgment = say(language, Text::not_zero_copy, mark(evidence) + format_bytes(copied));
  } else if (copied == 0) {
    verdict.judgment = words(!untouched ? Text::no_copy
                             : sends    ? Text::zero_copy
                                        : Text::zero_copy_receiving,
                             language);
  } else {
    const Text form = !untouched ? Text::nearly_no_copy
                      : sends    ? Text::nearly_zero_copy
                                 : Text::nearly_zero_copy_receiving;
    verdict.judgment = say_chosen(language, form, format_bytes(copied), all);
  }
  if (!untouched) verdict.judgment += std::string(words(Text::semicolon, language)) + beside.ending;
  return verdict;
}

}  // namespace

Verdict verdict_of(const Run& run, const Ledger& ledger, Language language) {
  auto verdict = verdict_of_kernel(run, ledger, language);
  const quantities::Subject sender{run, ledger};
  if (amount("array_copies", sender).count != 0)
    verdict.judgment += say(language, Text::own_array_copies, shown("array_copies", sender, language));
  return verdict;
}

const claims::MethodClaim* claim_of(const Run& run) {
  return has_network(run) ? claims::claim_for(run.method, run.path.scatter_gather) : nullptr;
}

std::string claim_sentence(const Run& run, Language language, bool own_word) {
  const auto* claim = claim_of(run);
  if (claim == nullptr) return {};
  const Text form = !claim->scatter_gather   ? Text::claim_says
                    : *claim->scatter_gather ? Text::claim_says_sg
                                             : Text::claim_says_no_sg;
  // Who reads another language does not know the word.
  return say_chosen(language, form,
                    claims::figures_text(*claim, language, own_word && language == Language::chinese));
}

namespace {

/// Notes of flows whose copies are not known, or are a lower bound.
constexpr std::array kOfSomeFlows = {
    Text::note_unseen,          Text::note_unseen_disk,      Text::note_fuse,
    Text::note_kernel_tls,      Text::note_at_least_journal, Text::note_at_least_terminal,
    Text::note_at_least_network};

}  // namespace

EvidenceSentence evidence_sentence(const Run& run, Language language) {
  const auto& evidence = run.evidence;
  const std::string_view mechanism = evidence.mechanism == "syscalls"      ? words(Text::system_calls, language)
                                     : evidence.mechanism == "breakpoints" ? words(Text::breakpoints, language)
                                                                           : evidence.mechanism;
  const auto worst = std::ranges::max_element(evidence.cross_check, {}, [](const timeline::CrossCheck& check) {
    const auto [less, more] = std::minmax(check.breakpoint_bytes, check.ftrace_bytes);
    return more - less;
  });
  if (worst != evidence.cross_check.end() && !worst->agree())
    return {say(language, Text::evidence_disagree, word(worst->from, language), word(worst->to, language),
                format_exact(worst->breakpoint_bytes), format_exact(worst->ftrace_bytes)),
            false};
  switch (copies_evidence(run, run.judged)) {
    case Evidence::none:
      return {std::string(words(Text::evidence_none, language)), false};
    case Evidence::inferred:
      return {say(language, Text::evidence_inferred, mechanism), false};
    case Evidence::sampled:
      return {say(language, Text::evidence_sampled, mechanism), false};
    case Evidence::at_least:
      return {say(language, Text::evidence_at_least, mechanism), false};
    case Evidence::exact:
      break;
  }
  if (!evidence.cross_check.empty()) return {std::string(words(Text::evidence_exact_agree, language)), true};
  if (std::ranges::any_of(evidence.notes, [](const Message& note) {
        return std::ranges::find(kOfSomeFlows, note.id()) != kOfSomeFlows.end();
      }))
    return {say(language, Text::evidence_exact_but, mechanism), true};
  return {say(language, Text::evidence_exact, mechanism), true};
}

std::string lost_sentence(const Run& run, Language language) {
  const auto& lost = run.lost;
  if (lost.events == 0) return std::string(words(Text::lost_nothing, language));
  std::string kinds;
  for (const auto& [name, events] : lost.by_kind) {
    const auto kind = value_of<EventKind>(name);
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : words(Text::comma, language),
                         kind ? word(*kind, language) : name, format_count(events));
  }
  return say(language, Text::lost_events, say_count(language, lost.events, Text::one_event, Text::many_events), kinds);
}

}  // namespace zctrace::summary
