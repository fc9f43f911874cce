#include "viz/terminal/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/quantities/copies.h"
#include "model/quantities/quantities.h"
#include "model/summary/after_all.h"
#include "model/summary/copy_stacks.h"
#include "model/summary/cpu_cost.h"
#include "model/summary/edge_label.h"
#include "model/summary/flow_rows.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"

namespace zctrace::terminal {
namespace {

using namespace timeline;

constexpr int kLabelWidth = 20;
constexpr int kTable = 60;  // narrower ones have a copy's bytes below its edge

class Rows {
 public:
  Rows(const Run& run, const Ledger& ledger, const Style& style)
      : run_(run), ledger_(ledger), sender_{run, ledger}, style_(style), language_(style.language) {}

  std::vector<std::string> all() {
    if (ledger_.flows)
      for (const auto& remark : summary::flow_remarks(run_, ledger_, language_))
        row(remark.label, remark.text, remark.warn ? Ink::warn : Ink::plain);
    copies();
    stacks();
    switches();
    devices();
    if (has_receiver(run_)) receiver();
    for (const auto& line : summary::cpu_lines(run_, ledger_, language_)) row(line.label, line.text);
    others();
    evidence();
    return std::move(lines_);
  }

 private:
  std::string_view words(Text text) const { return zctrace::words(text, language_); }
  template <class... Arguments>
  std::string say(TextWith<sizeof...(Arguments)> text, const Arguments&... arguments) const {
    return zctrace::say(language_, text, arguments...);
  }

  void row(Text label, std::string_view value, Ink ink = Ink::plain) { row(words(label), value, ink); }
  void row(std::string_view label, std::string_view value, Ink ink = Ink::plain) {
    auto before = " " + paint(pad(label, kLabelWidth), Ink::dim, style_);
    for (const auto& line : wrap(value, style_.width - kLabelWidth - 2)) {
      lines_.push_back(before + paint(line, ink, style_));
      before = std::string(kLabelWidth + 1, ' ');
    }
  }
  void below(std::string_view value) {
    for (const auto& line : wrap(value, style_.width - kLabelWidth - 4))
      lines_.push_back(std::string(kLabelWidth + 3, ' ') + paint(line, Ink::dim, style_));
  }
  void unknown(Text label) { row(label, words(Text::unknown), Ink::warn); }

  /// The figure as a row shows it.
  std::string shown(quantities::Id id) const { return quantities::shown(id, sender_, language_); }
  quantities::Amount amount(quantities::Id id) const { return quantities::amount(id, sender_); }
  void row_of(const quantities::Quantity& quantity, const quantities::Subject& subject) {
    const auto amount = quantity.of(subject);
    row(quantity.label, quantities::shown(amount, quantity.unit, language_), amount.number ? Ink::plain : Ink::warn);
  }

  void copies() {
    row_of(*quantities::Id("cpu_copies_per_byte"), sender_);
    const quantities::Id transforms("transforms_per_byte"), passes("own_passes_per_byte");
    if (applies(*transforms, sender_)) row_of(*transforms, sender_);
    if (applies(*passes, sender_)) row(passes->label, words(Text::not_visible), Ink::warn);
    table(Side::sender);
  }

  /// What no sentence tells.
  void others() {
    for (const auto side : {Side::sender, Side::receiver})
      for (const auto& quantity : quantities::kQuantities) {
        const quantities::Subject subject{run_, ledger_, side};
        if (quantity.listing == quantities::everywhere && is_of(quantity, side) && applies(quantity, subject))
          row_of(quantity, subject);
      }
  }

  /// One row per edge and function. DMA has rows of its own further down.
  void table(Side side) {
    if (copies_evidence(run_, side) == Evidence::none) return;
    for (const auto& edge : edges(ledger_, side))
      for (const auto& copy : edge.copies)
        if (copy.by != Mover::dma) table_row(copy);
  }

  void table_row(const Copy& copy) {
    const bool cpu = copy.by == Mover::cpu, transform = copy.by == Mover::transform;
    const auto per_byte = quantities::per_byte(run_, ledger_, copy);
    const bool doubt = summary::doubtful(run_, copy);
    // Of a program with flows it would be per byte of all of them together.
    const auto ratio = doubt              ? "?"
                       : transform        ? std::string(words(Text::short_transform))
                       : !cpu             ? std::string(words(Text::short_ref))
                       : ledger_.flows    ? std::string(words(Text::short_copy))
                       : !per_byte.number ? "?"
                                          : quantities::shown(per_byte, quantities::Unit::ratio, language_);
    const auto edge = fmt::format("{} → {}", summary::word(copy.from, language_), summary::word(copy.to, language_));
    const auto bytes = quantities::shown(quantities::counted(copy.bytes, quantities::evidence_of(run_, copy)),
                                         quantities::Unit::bytes, language_),
               calls = copy.calls == 0 ? "" : "×" + format_count(copy.calls);
    auto how = summary::function_text(copy.function, language_);
    if (copy.cipher)
      how += std::string(words(Text::comma)) + say(Text::by_the_cpu, summary::ciphers_text({*copy.cipher}, language_));
    if (!copy.via.empty()) how = how.empty() ? say(Text::within, copy.via) : say(Text::function_within, how, copy.via);
    if (copy.context != Context::syscall)
      how += (how.empty() ? "" : std::string(words(Text::comma))) + std::string(summary::word(copy.context, language_));
    // The other side's copies are apart from the method's lesson: no colour.
    const Ink ink = copy.side != run_.judged ? Ink::plain
                    : doubt                  ? Ink::warn
                    : cpu                    ? Ink::cpu
                    : transform              ? Ink::transform
                                             : Ink::reference;
    const auto below = [&](const std::string& text) {
      for (const auto& line : wrap(text, style_.width - 10))
        lines_.push_back(std::string(9, ' ') + paint(line, Ink::dim, style_));
    };
    if (style_.width < kTable) {
      lines_.push_back(paint(fit(fmt::format("  {}  {}", pad(ratio, 5, true), edge), style_.width - 1), ink, style_));
      below(calls.empty() ? bytes : bytes + " " + calls);
      return below(how);
    }
    const auto line =
        fmt::format("  {}  {} {} {}", pad(ratio, 5, true), pad(edge, 29), pad(bytes, 9, true), pad(calls, 10, true));
    const int room = style_.width - columns(line) - 3;
    const bool beside = columns(how) <= room;
    lines_.push_back(paint(line, ink, style_) +
                     (beside && !how.empty() ? "  " + paint(how, Ink::dim, style_) : std::string()));
    if (!beside) below(how);
  }

  void switches() {
    if (run_.evidence.system_calls == Evidence::none) {
      unknown(Text::mode_switches);
    } else {
      auto total = shown("mode_switches");
      if (amount("mode_switches/per_chunk").number)
        total = say(Text::total_and_each, total, shown("mode_switches/per_chunk"));
      row(Text::mode_switches,
          say(Text::switches_by, total, shown("mode_switches/syscall"), shown("mode_switches/fault")),
          amount("mode_switches").number ? Ink::plain : Ink::warn);
      row(Text::system_calls, summary::calls_text(run_, ledger_.sender, language_));
    }
    const auto user = amount("page_faults/user"), kernel = amount("page_faults/kernel");
    if (!user.number) {
      unknown(Text::page_faults);
    } else if (kernel.count != 0) {
      row(Text::page_faults, say(Text::user_and_kernel_faults, shown("page_faults/user"), shown("page_faults/kernel")));
    } else if (user.count != 0) {
      row(Text::page_faults, say(Text::user_faults, shown("page_faults/user")));
    } else {
      row(Text::page_faults, summary::mark(user.evidence) + std::string(words(Text::none)));
    }
    if (!amount("context_switches/voluntary").number) {
      unknown(Text::context_switches);
    } else {
      row(Text::context_switches,
          say(Text::rescheduled, shown("context_switches/voluntary"), shown("context_switches/involuntary")));
    }
  }

  void devices() {
    if (has_no_disk(run_, ledger_)) {
      row(Text::disk, say(Text::no_disk_dma, run_.source.filesystem));
    } else if (!amount("disk/requests").number) {
      unknown(Text::disk);
    } else {
      row(Text::disk, disk_text());
    }
    if (!has_network(run_)) return;
    const auto packets = amount("network/packets");
    if (ledger_.flows && packets.number && packets.count == 0) return row(Text::network, words(Text::nothing_sent));
    const auto name = run_.path.dma ? Text::nic : run_.path.kind.empty() ? Text::network : Text::network_no_dma;
    if (!packets.number) return unknown(name);
    std::string text =
        say(Text::packets_hold,
            summary::mark(packets.evidence) + say_count(language_, packets.count, Text::one_packet, Text::many_packets),
            shown("network/paged_bytes"), shown("network/linear_bytes"), shown("network/header_bytes"));
    if (run_.path.dma) text += std::string(words(Text::semicolon)) + std::string(words(Text::driver_not_seen));
    row(name, text);
  }

  std::string disk_text() const {
    const auto writes = amount("disk/write_requests");
    if (writes.number.value_or(0) == 0) return read_text();
    return say(
        Text::disk_and_written, read_text(), shown("disk/written_bytes"),
        summary::mark(writes.evidence) + say_count(language_, writes.count, Text::one_request, Text::many_requests));
  }

  std::string read_text() const {
    const auto requests = amount("disk/requests");
    const auto known = summary::mark(requests.evidence);
    if (requests.count == 0) return known + std::string(words(Text::no_request));
    return say(Text::payload_in, shown("disk/bytes"),
               known + say_count(language_, requests.count, Text::one_request, Text::many_requests));
  }

  void receiver() {
    const quantities::Subject receiver{run_, ledger_, Side::receiver};
    const bool known = quantities::amount("cpu_copies_per_byte", receiver).number.has_value();
    auto text = summary::copies_text(run_, ledger_, Side::receiver, language_);
    const bool calls = run_.evidence.system_calls != Evidence::none,
               rescheduled = run_.evidence.context_switches != Evidence::none;
    const auto mode = quantities::shown("mode_switches", receiver, language_);
    const auto context = quantities::shown(sum(quantities::amount("context_switches/voluntary", receiver),
                                               quantities::amount("context_switches/involuntary", receiver)),
                                           quantities::Unit::count, language_);
    if (calls && rescheduled)
      text = say(Text::both_switches, text, mode, context);
    else if (calls)
      text = say(Text::only_mode_switches, text, mode);
    else if (rescheduled)
      text = say(Text::only_context_switches, text, context);
    row(Text::receiver, text, known ? Ink::plain : Ink::warn);
    table(Side::receiver);
  }

  void stacks() {
    const auto said = summary::heaviest_stacks(ledger_, language_);
    auto label = words(Text::copy_stacks);
    for (const auto& stack : said.list) {
      row(label, stack.amount);
      label = {};
      for (const auto& line : stack.lines) below(line);
    }
    for (const auto& remark : said.remarks) {
      row(label, remark);
      label = {};
    }
  }

  void evidence() {
    const auto sentence = summary::evidence_sentence(run_, language_);
    row(Text::evidence, sentence.text, sentence.good ? Ink::plain : Ink::warn);
    row(Text::lost, summary::lost_sentence(run_, language_), run_.lost.events == 0 ? Ink::plain : Ink::warn);
    for (const auto& said : summary::after_all(run_, ledger_, language_)) row(Text::note, said);
    for (const auto& note : run_.evidence.notes) row(Text::note, note.in(language_));
  }

  const Run& run_;
  const Ledger& ledger_;
  const quantities::Subject sender_;
  const Style& style_;
  const Language language_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> figures(const Run& run, const Ledger& ledger, const Style& style) {
  return Rows(run, ledger, style).all();
}

}  // namespace zctrace::terminal
