#include "viz/terminal/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "model/language/texts.h"
#include "model/summary/edge_label.h"
#include "model/summary/flow_rows.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"

namespace zctrace::terminal {
namespace {

using namespace timeline;

constexpr int kLabel = 20;
constexpr int kTable = 60;  // narrower ones have a copy's bytes below its edge

/// "write 64, read 64": the busiest first.
std::string calls_text(const Figures& figures, Language language) {
  std::vector<std::pair<std::string, uint64_t>> calls(figures.syscalls.begin(), figures.syscalls.end());
  std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr size_t kMost = 6;
  std::string joined;
  const auto add = [&](const std::string& more) {
    joined += (joined.empty() ? "" : std::string(words(Text::comma, language))) + more;
  };
  uint64_t others = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (i < kMost || calls.size() == kMost + 1) {
      add(calls[i].first + " " + format_count(calls[i].second));
    } else {
      others += calls[i].second;
    }
  }
  if (others > 0) add(say(language, Text::calls_of_other_kinds, format_count(others)));
  return joined.empty() ? std::string(words(Text::none, language)) : joined;
}

class Rows {
 public:
  Rows(const Run& run, const Ledger& ledger, const Style& style)
      : run_(run), ledger_(ledger), style_(style), language_(style.language) {}

  std::vector<std::string> all() {
    if (ledger_.flows)
      for (const auto& remark : summary::flow_remarks(run_, *ledger_.flows, language_))
        row(remark.label, remark.text, remark.warn ? Ink::warn : Ink::plain);
    copies();
    switches();
    devices();
    if (has_receiver(run_)) receiver();
    evidence();
    return std::move(lines_);
  }

 private:
  std::string_view words(Text text) const { return zctrace::words(text, language_); }
  template <class... Arguments>
  std::string say(TextFor<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) const {
    return zctrace::say(language_, text, arguments...);
  }

  void row(Text label, std::string_view value, Ink ink = Ink::plain) {
    auto before = " " + paint(pad(words(label), kLabel), Ink::dim, style_);
    for (const auto& line : wrap(value, style_.width - kLabel - 2)) {
      lines_.push_back(before + paint(line, ink, style_));
      before = std::string(kLabel + 1, ' ');
    }
  }
  void unknown(Text label) { row(label, words(Text::unknown), Ink::warn); }

  void copies() {
    const auto ratio = cpu_copies_per_byte(run_, ledger_, Side::sender);
    if (!ratio) {
      unknown(Text::cpu_copies_per_byte);
    } else {
      row(Text::cpu_copies_per_byte, summary::mark(run_.evidence.copies) + format_ratio(*ratio));
    }
    table(Side::sender);
  }

  /// One row per edge and function. DMA has rows of its own further down.
  void table(Side side) {
    if (copies_evidence(run_, side) == Evidence::none) return;
    const auto all = side_bytes(ledger_, side);
    for (const auto& edge : edges(ledger_, side))
      for (const auto& copy : edge.copies)
        if (copy.by != Mover::dma) table_row(copy, all);
  }

  void table_row(const Copy& copy, uint64_t all) {
    const bool cpu = copy.by == Mover::cpu;
    const auto known = summary::mark(copy.evidence);
    const bool doubt = summary::doubtful(run_, copy);
    // Of a program with flows it would be per byte of all of them together.
    const auto ratio = doubt           ? "?"
                       : !cpu          ? std::string(words(Text::short_ref))
                       : ledger_.flows ? std::string(words(Text::short_copy))
                       : all == 0      ? "?"
                                  : known + format_ratio(static_cast<double>(copy.bytes) / static_cast<double>(all));
    const auto edge = fmt::format("{} → {}", summary::word(copy.from, language_), summary::word(copy.to, language_));
    const auto bytes = known + format_bytes(copy.bytes), calls = copy.calls == 0 ? "" : "×" + format_count(copy.calls);
    auto how = summary::function_text(copy.function, language_);
    if (!copy.via.empty()) how = how.empty() ? say(Text::within, copy.via) : say(Text::function_within, how, copy.via);
    if (copy.context != Context::syscall)
      how += (how.empty() ? "" : std::string(words(Text::comma))) + std::string(summary::word(copy.context, language_));
    // The receiver's copies are apart from the method's lesson: no colour.
    const Ink ink = copy.side == Side::receiver ? Ink::plain : doubt ? Ink::warn : cpu ? Ink::cpu : Ink::reference;
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
    const auto& sender = ledger_.sender;
    if (run_.evidence.system_calls == Evidence::none) {
      unknown(Text::mode_switches);
    } else {
      auto total = summary::mark(run_.evidence.system_calls) + format_count(sender.mode_switches.total());
      if (const auto each = mode_switches_per_chunk(run_, ledger_))
        total = say(Text::total_and_each, total, format_ratio(*each));
      row(Text::mode_switches, say(Text::switches_by, total, format_count(sender.mode_switches.syscall),
                                   format_count(sender.mode_switches.fault)));
      row(Text::system_calls, calls_text(sender, language_));
    }
    if (run_.evidence.page_faults == Evidence::none) {
      unknown(Text::page_faults);
    } else if (sender.kernel_faults != 0) {
      row(Text::page_faults,
          say(Text::user_and_kernel_faults, format_count(sender.user_faults), format_count(sender.kernel_faults)));
    } else if (sender.user_faults != 0) {
      row(Text::page_faults, say(Text::user_faults, format_count(sender.user_faults)));
    } else {
      row(Text::page_faults, words(Text::none));
    }
    if (run_.evidence.context_switches == Evidence::none) {
      unknown(Text::context_switches);
    } else {
      row(Text::context_switches,
          say(Text::rescheduled, format_count(sender.voluntary_switches), format_count(sender.involuntary_switches)));
    }
  }

  void devices() {
    const bool requests = ledger_.dma.disk_requests > 0;
    if (!run_.source.dma && !requests && !run_.source.filesystem.empty()) {
      row(Text::disk, say(Text::no_disk_dma, run_.source.filesystem));
    } else if (run_.evidence.disk == Evidence::none) {
      unknown(Text::disk);
    } else {
      row(Text::disk, disk_text());
    }
    if (!has_network(run_)) return;
    if (ledger_.flows && run_.evidence.nic != Evidence::none && ledger_.transmit.packets == 0)
      return row(Text::network, words(Text::nothing_sent));
    const auto name = run_.path.dma ? Text::nic : run_.path.kind.empty() ? Text::network : Text::network_no_dma;
    if (run_.evidence.nic == Evidence::none) return unknown(name);
    const auto& sent = ledger_.transmit;
    const auto packets =
        summary::mark(run_.evidence.nic) + say_count(language_, sent.packets, Text::one_packet, Text::many_packets);
    row(name, say(Text::packets_hold, packets, format_bytes(sent.paged_bytes), format_bytes(sent.linear_bytes),
                  format_bytes(sent.header_bytes)));
  }

  std::string disk_text() const {
    const auto& dma = ledger_.dma;
    if (dma.disk_requests == 0) return std::string(words(Text::no_request));
    return say(Text::payload_in, summary::mark(run_.evidence.disk) + format_bytes(dma.disk_bytes),
               say_count(language_, dma.disk_requests, Text::one_request, Text::many_requests));
  }

  void receiver() {
    const bool known = cpu_copies_per_byte(run_, ledger_, Side::receiver).has_value();
    auto text = summary::copies_text(run_, ledger_, Side::receiver, language_);
    const bool calls = run_.evidence.system_calls != Evidence::none,
               rescheduled = run_.evidence.context_switches != Evidence::none;
    const auto& figures = ledger_.receiver;
    const auto mode = format_count(figures.mode_switches.total());
    const auto context = format_count(figures.voluntary_switches + figures.involuntary_switches);
    if (calls && rescheduled)
      text = say(Text::both_switches, text, mode, context);
    else if (calls)
      text = say(Text::only_mode_switches, text, mode);
    else if (rescheduled)
      text = say(Text::only_context_switches, text, context);
    row(Text::receiver, text, known ? Ink::plain : Ink::warn);
    table(Side::receiver);
  }

  void evidence() {
    const auto sentence = summary::evidence_sentence(run_, language_);
    row(Text::evidence, sentence.text, sentence.good ? Ink::plain : Ink::warn);
    row(Text::lost, summary::lost_sentence(run_, language_), run_.lost.events == 0 ? Ink::plain : Ink::warn);
    for (const auto& note : run_.evidence.notes) row(Text::note, note.in(language_));
  }

  const Run& run_;
  const Ledger& ledger_;
  const Style& style_;
  const Language language_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> figures(const Run& run, const Ledger& ledger, const Style& style) {
  return Rows(run, ledger, style).all();
}

}  // namespace zctrace::terminal
