#include "userspace/export/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "userspace/export/edge_label.h"
#include "userspace/export/sentences.h"
#include "userspace/export/text.h"
#include "userspace/timeline/ledger.h"
#include "userspace/timeline/names.h"
#include "userspace/units.h"

namespace zctrace::exports {
namespace {

using namespace timeline;

constexpr int kLabel = 20;

/// "write 64, read 64": the busiest first.
std::string calls_text(const Figures& figures) {
  std::vector<std::pair<std::string, uint64_t>> calls(figures.syscalls.begin(), figures.syscalls.end());
  std::stable_sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr size_t kMost = 6;
  std::string joined;
  uint64_t others = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (i < kMost || calls.size() == kMost + 1) {
      joined += fmt::format("{}{} {}", i == 0 ? "" : ", ", calls[i].first, format_count(calls[i].second));
    } else {
      others += calls[i].second;
    }
  }
  if (others > 0) joined += fmt::format(", {} of other kinds", format_count(others));
  return joined.empty() ? "none" : joined;
}

class Rows {
 public:
  Rows(const Run& run, const Ledger& ledger, const Style& style) : run_(run), ledger_(ledger), style_(style) {}

  std::vector<std::string> all() {
    copies();
    switches();
    devices();
    receiver();
    evidence();
    return std::move(lines_);
  }

 private:
  void row(std::string_view label, std::string_view value, Ink ink = Ink::plain) {
    auto before = " " + paint(pad(label, kLabel), Ink::dim, style_);
    for (const auto& line : wrap(value, style_.width - kLabel - 2)) {
      lines_.push_back(before + paint(line, ink, style_));
      before = std::string(kLabel + 1, ' ');
    }
  }
  void unknown(std::string_view label) { row(label, "unknown", Ink::warn); }

  void copies() {
    const auto ratio = cpu_copies_per_byte(run_, ledger_, Side::sender);
    if (!ratio) {
      unknown("CPU copies per byte");
    } else {
      row("CPU copies per byte", mark(run_.evidence.copies) + format_ratio(*ratio));
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
    const auto known = mark(copy.evidence);
    const bool doubt = doubtful(run_, copy);
    const auto ratio = doubt      ? "?"
                       : !cpu     ? "ref"
                       : all == 0 ? "?"
                                  : known + format_ratio(static_cast<double>(copy.bytes) / static_cast<double>(all));
    auto line = fmt::format("  {}  {} {} {}", pad(ratio, 5, true),
                            pad(fmt::format("{} → {}", text(copy.from), text(copy.to)), 29),
                            pad(known + format_bytes(copy.bytes), 9, true),
                            pad(copy.calls == 0 ? "" : "×" + format_count(copy.calls), 10, true));
    auto how = copy.function;
    if (!copy.via.empty()) how += (how.empty() ? "in " : " in ") + copy.via;
    if (copy.context != Context::syscall) how += fmt::format(", {}", text(copy.context));
    // The receiver's copies are apart from the method's lesson: no colour.
    const Ink ink = copy.side == Side::receiver ? Ink::plain : doubt ? Ink::warn : cpu ? Ink::cpu : Ink::reference;
    const int room = style_.width - columns(line) - 3;
    if (columns(how) <= room) {
      lines_.push_back(paint(fit(line, style_.width - 1), ink, style_) +
                       (how.empty() ? "" : "  " + paint(fit(how, room), Ink::dim, style_)));
      return;
    }
    lines_.push_back(paint(fit(line, style_.width - 1), ink, style_));
    lines_.push_back(std::string(9, ' ') + paint(fit(how, style_.width - 10), Ink::dim, style_));
  }

  void switches() {
    const auto& sender = ledger_.sender;
    if (run_.evidence.system_calls == Evidence::none) {
      unknown("mode switches");
    } else {
      auto total = mark(run_.evidence.system_calls) + format_count(sender.mode_switches.total());
      if (const auto each = mode_switches_per_chunk(run_, ledger_))
        total += fmt::format(", {} per chunk", format_ratio(*each));
      row("mode switches",
          fmt::format("{}: {} by system calls, {} by page faults", total, format_count(sender.mode_switches.syscall),
                      format_count(sender.mode_switches.fault)));
      row("system calls", calls_text(sender));
    }
    if (run_.evidence.page_faults == Evidence::none) {
      unknown("page faults");
    } else if (sender.kernel_faults == 0) {
      row("page faults",
          sender.user_faults == 0 ? "none" : fmt::format("{} from user mode", format_count(sender.user_faults)));
    } else {
      row("page faults", fmt::format("{} from user mode; {} inside the kernel's copies, which switch no mode",
                                     format_count(sender.user_faults), format_count(sender.kernel_faults)));
    }
    if (run_.evidence.context_switches == Evidence::none) {
      unknown("context switches");
    } else {
      row("context switches", fmt::format("{} voluntary, {} involuntary", format_count(sender.voluntary_switches),
                                          format_count(sender.involuntary_switches)));
    }
  }

  void devices() {
    const bool requests = ledger_.dma.disk_requests > 0;
    if (!run_.source.dma && !requests && !run_.source.filesystem.empty()) {
      row("disk", "no disk DMA: " + run_.source.filesystem);
    } else if (run_.evidence.disk == Evidence::none) {
      unknown("disk");
    } else {
      row("disk", disk_text());
    }
    if (run_.path.kind == "file") return;
    const auto name = run_.path.dma ? "network card" : run_.path.kind.empty() ? "network" : "network (no DMA)";
    if (run_.evidence.nic == Evidence::none) return unknown(name);
    const auto& sent = ledger_.transmit;
    row(name,
        fmt::format("{}{}: {} paged, {} linear, {} headers", mark(run_.evidence.nic), plural(sent.packets, "packet"),
                    format_bytes(sent.paged_bytes), format_bytes(sent.linear_bytes), format_bytes(sent.header_bytes)));
  }

  std::string disk_text() const {
    const auto& dma = ledger_.dma;
    if (dma.disk_requests == 0) return "not read: no request reached it";
    return fmt::format("{}{} of payload in {}", mark(run_.evidence.disk), format_bytes(dma.disk_bytes),
                       plural(dma.disk_requests, "request"));
  }

  void receiver() {
    const auto ratio = cpu_copies_per_byte(run_, ledger_, Side::receiver);
    const auto copies = ratio ? mark(run_.evidence.receiver_copies) + format_ratio(*ratio) : "unknown";
    auto text = copies + " CPU copies per byte";
    const bool calls = run_.evidence.system_calls != Evidence::none,
               rescheduled = run_.evidence.context_switches != Evidence::none;
    const auto& figures = ledger_.receiver;
    if (calls || rescheduled) text += "; switches:";
    if (calls) text += fmt::format(" {} mode{}", format_count(figures.mode_switches.total()), rescheduled ? "," : "");
    if (rescheduled)
      text += fmt::format(" {} context", format_count(figures.voluntary_switches + figures.involuntary_switches));
    row("receiver", text, ratio ? Ink::plain : Ink::warn);
    table(Side::receiver);
  }

  void evidence() {
    const auto sentence = evidence_sentence(run_, style_.language);
    row("evidence", sentence.text, sentence.good ? Ink::plain : Ink::warn);
    row("lost", lost_sentence(run_, style_.language), run_.lost.events == 0 ? Ink::plain : Ink::warn);
    for (const auto& note : run_.evidence.notes) row("note", note);
  }

  const Run& run_;
  const Ledger& ledger_;
  const Style& style_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> figures(const Run& run, const Ledger& ledger, const Style& style) {
  return Rows(run, ledger, style).all();
}

}  // namespace zctrace::exports
