#include "model/summary/program_verdict.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "model/quantities/flow_quantities.h"
#include "model/summary/flow_rows.h"
#include "model/summary/words.h"
#include "model/timeline/flow_match.h"

namespace zctrace::summary {

using namespace timeline;

namespace {

constexpr uint64_t kLittle = 4096;  ///< bytes read or written that are no story: a library's head, a line of a log
constexpr int kEnd = 26;            ///< columns of an end's name
constexpr int kOneOfTwo = 16;       ///< and of each where two are named

class Finding {
 public:
  Finding(const Run& run, const Flows& flows, Language language)
      : evidence_(run.evidence), flows_(flows), language_(language), all_(passed_on(flows)) {
    for (const Flow& flow : flows.list)
      for (const FlowPart& part : flow.parts)
        if (!is_linked(part)) (flow.to.kind == FlowEndKind::memory ? read_ : written_).add(part);
    const Flows together = told_by_process(told_together(flows, Alike::numbers));
    for (const Flow& flow : together.list) {
      uint64_t bytes = 0;
      for (const FlowPart& part : flow.parts)
        if (!is_linked(part)) bytes += part.bytes;
      if (flow.to.kind == FlowEndKind::memory)
        read_.offer(flow.from, bytes);
      else
        written_.offer(flow.to, bytes);
    }
  }

  Verdict verdict() const {
    Verdict verdict = of_passed_on();
    if (!tells_own()) return verdict;
    const bool also = all_.bytes != 0 && all_.bytes >= weight() / 100;
    verdict.judgment = own() + (also ? text(Text::semicolon) + verdict.judgment : "");
    verdict.tone = Tone::unknown;  // the figure of the few that it passed on is not that of the others
    verdict.figure = words(Text::unknown, language_);
    verdict.evidence = Evidence::none;
    verdict.sentence = words(Text::passed_on_unknown, language_);
    return verdict;
  }

 private:
  /// What was read into the program's memory, or written from there, and its two biggest ends.
  struct Own {
    uint64_t bytes = 0, cpu_bytes = 0, transform_bytes = 0;
    uint64_t unknown_bytes = 0;  ///< whose copies are not known
    Evidence copies = Evidence::exact;
    std::vector<Cipher> ciphers;
    FlowEnd end, second_end;
    uint64_t most = 0, second = 0;
    void add(const FlowPart& part) {
      bytes += part.bytes;
      cpu_bytes += part.cpu_bytes;
      unknown_bytes += part.copies_known ? 0 : part.bytes;
      if (part.at_least_by) copies = Evidence::at_least;
      transform_bytes += part.transform_bytes;
      ciphers.insert(ciphers.end(), part.transform_by.begin(), part.transform_by.end());
    }
    void offer(const FlowEnd& other, uint64_t amount) {
      if (amount > most) {
        second = std::exchange(most, amount);
        second_end = std::exchange(end, other);
      } else if (amount > second) {
        second = amount;
        second_end = other;
      }
    }
  };

  std::string text(Text text) const { return std::string(words(text, language_)); }
  // Of what arrived, and whether it was copied: as well known as the weaker of the two.
  std::string marked(uint64_t bytes, Evidence copies = Evidence::exact) const {
    return quantities::shown(quantities::counted(bytes, std::max({evidence_.copies, evidence_.system_calls, copies})),
                             quantities::Unit::bytes, language_);
  }

  /// A start reads many small files; its story is not theirs together.
  uint64_t weight() const { return std::max(read_.most, written_.most); }
  bool tells_own() const { return weight() > all_.bytes && weight() > kLittle; }

  /// "16.0 MiB read from F"; where no end has nearly all, the sum and the biggest, or two: what a program starts from
  /// may be more than what it is there to pass on.
  std::string told(TextWith<2> text, TextWith<5> text_of_two, const Own& own) const {
    const auto part = [&](const FlowEnd& end) { return shorten(end_text(end, language_), kOneOfTwo); };
    if (own.second >= own.bytes / 10)
      return say(language_, text_of_two, format_bytes(own.bytes), format_bytes(own.most), part(own.end),
                 format_bytes(own.second), part(own.second_end));
    const auto biggest = shorten(end_text(own.end, language_), kEnd);
    if (own.most >= own.bytes / 10 * 9) return say(language_, text, format_bytes(own.most), biggest);
    return say(language_, text, format_bytes(own.bytes), say(language_, Text::own_most, biggest));
  }

  std::string own() const {
    const bool reads = read_.bytes >= weight() / 100, writes = written_.bytes >= weight() / 100;
    std::string story;
    if (reads) story = told(Text::own_read, Text::own_read_two, read_);
    if (writes)
      story += (story.empty() ? "" : text(Text::comma)) + told(Text::own_written, Text::own_written_two, written_);
    if (reads && writes) story += text(Text::own_not_linked);
    return story + text(Text::semicolon) + text(Text::own_not_visible) + text(Text::semicolon) + in_kernel();
  }

  /// What the kernel did to what was read and written.
  std::string in_kernel() const {
    const uint64_t unknown = evidence_.copies == Evidence::none ? read_.bytes + written_.bytes
                                                                : read_.unknown_bytes + written_.unknown_bytes;
    std::string told = say(language_, Text::own_copied,
                           marked(read_.cpu_bytes + written_.cpu_bytes, std::max(read_.copies, written_.copies)));
    if (evidence_.copies == Evidence::none) told.clear();
    if (unknown > weight() / 100)
      told += (told.empty() ? "" : text(Text::comma)) + say(language_, Text::own_unknown, format_bytes(unknown));
    const uint64_t transformed = read_.transform_bytes + written_.transform_bytes;
    auto ciphers = read_.ciphers;
    ciphers.insert(ciphers.end(), written_.ciphers.begin(), written_.ciphers.end());
    if (transformed != 0)
      told += text(Text::comma) +
              say(language_, Text::own_transformed, format_bytes(transformed), ciphers_text(ciphers, language_));
    return told;
  }

  std::string why_unknown() const {
    if (all_.unexplained_bytes == 0) return text(Text::unknown_on_this_kernel);
    switch (all_.unexplained_by) {
      case Unexplained::kernel_tls:
        return text(Text::unknown_kernel_tls);
      case Unexplained::fuse:
        return text(Text::unknown_fuse);
      case Unexplained::disk:
        return text(Text::unknown_disk);
      case Unexplained::unseen:
        break;
    }
    return text(Text::unknown_unseen);
  }

  std::string who_copied_too() const {
    switch (*all_.at_least_by) {
      case Uncounted::network:
        return text(Text::at_least_network);
      case Uncounted::terminal:
        return text(Text::at_least_terminal);
      case Uncounted::journal:
        break;
    }
    return text(Text::at_least_journal);
  }

  Verdict of_passed_on() const {
    uint64_t uncopied = 0, unknown = 0;
    for (const auto& flow : flows_.list)
      for (const auto& part : flow.parts) {
        if (!is_linked(part)) continue;
        if (!quantities::amount("copies_per_byte", evidence_, part).number) unknown += part.bytes;
        uncopied += uncopied_bytes(part);
      }
    const auto copies = quantities::amount("copies_per_byte", evidence_, all_);
    const auto ratio = copies.number;
    const auto transforms = quantities::amount("transforms_per_byte", evidence_, all_);
    Verdict verdict;
    verdict.what = words(Text::passed_on_copies, language_);
    verdict.tone = copies_tone(copies, transforms.number.value_or(0));
    const auto amount = quantities::shown("bytes", evidence_, all_, language_);
    if (!ratio) {
      verdict.figure = words(Text::unknown, language_);
      verdict.sentence = words(Text::passed_on_unknown, language_);
      verdict.judgment = all_.bytes == 0
                             ? text(Text::passed_on_nothing)
                             : say(language_, Text::passed_on_not_known, amount, format_bytes(unknown), why_unknown());
      return verdict;
    }
    verdict.figure = quantities::shown("copies_per_byte", evidence_, all_, language_);
    verdict.evidence = copies.evidence;
    verdict.sentence = say(language_, Text::passed_on_ratio, verdict.figure);
    const auto cipher = ciphers_text(all_.transform_by, language_);
    if (verdict.tone == Tone::transformed && all_.transform_bytes >= all_.bytes) {
      verdict.judgment = say(language_, Text::passed_on_transformed, amount, verdict.figure,
                             quantities::shown(transforms, quantities::Unit::ratio, language_), cipher);
      return verdict;
    }
    const bool all_uncopied = quantities::is_zero_copy(*ratio);
    if (copies.evidence == Evidence::at_least) {
      verdict.judgment = say(language_, Text::passed_on_copied, amount, verdict.figure) + who_copied_too();
    } else if (all_.cpu_bytes == 0) {
      verdict.judgment = say(language_, Text::passed_on_uncopied, marked(all_.bytes));
    } else if (all_uncopied) {
      verdict.judgment =
          say(language_, Text::passed_on_nearly, amount, quantities::shown("cpu_bytes", evidence_, all_, language_));
    } else if (uncopied == 0) {
      verdict.judgment = say(language_, Text::passed_on_copied, amount, verdict.figure);
    } else {
      verdict.tone = Tone::mixed;
      verdict.judgment = say(language_, Text::passed_on_partly, marked(uncopied), amount);
    }
    if (all_.transform_bytes != 0)
      verdict.judgment +=
          text(Text::semicolon) + say(language_, Text::own_transformed, format_bytes(all_.transform_bytes), cipher);
    return verdict;
  }

  const EvidenceSet& evidence_;
  const Flows& flows_;
  const Language language_;
  const FlowPart all_;
  Own read_, written_;
};

}  // namespace

Verdict program_verdict(const Run& run, const Flows& flows, Language language) {
  return Finding(run, flows, language).verdict();
}

}  // namespace zctrace::summary
