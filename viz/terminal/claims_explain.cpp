#include "viz/terminal/claims_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/units.h"
#include "model/claims/experiments.h"
#include "model/claims/method_claims.h"
#include "model/claims/quantities.h"
#include "model/language/texts.h"
#include "model/quantities/quantities.h"
#include "model/summary/edge_label.h"
#include "model/summary/words.h"
#include "model/timeline/json_read.h"
#include "model/timeline/names.h"

namespace zctrace::terminal {
namespace {

namespace fs = std::filesystem;
using claims::Judged;
using claims::Verdict;

class Explanation {
 public:
  Explanation(const claims::Results& results, const Style& style) : results_(results), style_(style) {}

  std::string of(const Judged& claim) {
    heading(Text::explain_rule);
    for (const auto& setting : claim.settings) {
      if (!setting.condition.empty()) put(2, say(lang(), Text::explain_in, setting.condition.in(lang())), Ink::strong);
      for (const auto& part : setting.parts) this->part(part);
    }
    heading(Text::explain_verdict);
    put(2, say(lang(), Text::headline, claims::message(claim.verdict, lang())) + reason(claim));
    heading(Text::explain_experiments);
    std::vector<std::string> names;
    for (const auto& setting : claim.settings)
      for (const auto& part : setting.parts)
        for (const auto& proof : part.proofs)
          if (std::ranges::find(names, proof.experiment) == names.end()) names.push_back(proof.experiment);
    for (const auto& name : names) experiment(name);
    return std::move(out_);
  }

 private:
  Language lang() const { return style_.language; }

  void put(int indent, const std::string& text, Ink ink = Ink::plain) {
    bool first = true;
    for (const auto& line : wrap(text, std::max(20, style_.width - 6 - indent - 2))) {
      out_ += std::string(static_cast<size_t>(6 + indent + (first ? 0 : 2)), ' ') + paint(line, ink, style_) + '\n';
      first = false;
    }
  }

  /// Never broken, so that it can be taken up with the mouse.
  void path(const fs::path& file) { out_ += std::string(10, ' ') + paint(file.string(), Ink::dim, style_) + '\n'; }

  void heading(Text text) { out_ += "      " + paint(words(text, lang()), Ink::dim, style_) + '\n'; }

  std::string reason(const Judged& claim) const {
    switch (claim.verdict) {
      case Verdict::holds:
        return std::string(words(Text::explain_holds, lang()));
      case Verdict::holds_if:
        return say(lang(), Text::explain_holds_if, claim.condition.in(lang()));
      case Verdict::does_not_hold:
        return std::string(words(Text::explain_does_not_hold, lang()));
      case Verdict::self_contradictory:
        return std::string(words(Text::explain_self_contradictory, lang()));
      case Verdict::not_tested:
        break;
    }
    return std::string(words(Text::explain_not_tested, lang()));
  }

  void part(const claims::Part& part) {
    const Text outcome = !part.agrees   ? Text::explain_unknown
                         : *part.agrees ? Text::explain_agrees
                                        : Text::explain_differs;
    const auto& value = part.measured.empty() ? part.missing.in(lang()) : part.measured.in(lang());
    put(2, say(lang(), Text::explain_part, part.label.in(lang()), value, part.rule.in(lang()), words(outcome, lang())),
        part.agrees && !*part.agrees ? Ink::warn : Ink::plain);
  }

  void experiment(const std::string& name) {
    const auto* experiment = claims::find_experiment(name);
    if (!experiment) return;
    const fs::path file = results_.file(name);
    if (file.empty()) return put(2, claims::command_of(*experiment), Ink::strong);
    if (!experiment->traced()) {
      put(2, claims::command_of(*experiment), Ink::strong);
      found(name);
      return path(file);
    }
    const timeline::Recording document = timeline::read_recording(file.string());
    const auto& kernel = document.run.kernel;
    put(2, claims::command_of(*experiment) + " --kernel " + (kernel.where == "lab" ? kernel.release : "host"),
        Ink::strong);
    const quantities::Subject sender{document.run, document.ledger};
    const auto faults = sum(amount("page_faults/user", sender), amount("page_faults/kernel", sender));
    put(4, say(lang(), Text::explain_totals, shown("payload_bytes", sender, lang()),
               shown("mode_switches", sender, lang()), shown(faults, quantities::Unit::count, lang())));
    std::string calls;
    for (const auto& [call, times] : document.ledger.sender.syscalls)
      calls += fmt::format("{}{} ×{}", calls.empty() ? "" : ", ", call, format_count(times));
    put(4, calls);
    for (const auto& edge : timeline::edges(document.ledger, timeline::Side::sender))
      for (const auto& copy : edge.copies) this->copy(document, copy);
    put(4, say(lang(), Text::explain_events, format_count(document.events.size())), Ink::dim);
    path(file);
  }

  /// What an untraced program found, beyond the values that were compared.
  void found(const std::string& name) {
    const auto value = [&](const char* quantity, std::map<std::string, std::string> with) {
      return claims::measured(results_, {quantity, name, std::move(with)}).text.in(lang());
    };
    const auto* program = results_.program(name);
    if (!program) return;
    if (name == "descriptors")
      for (const char* call : {"read_write", "mmap_write", "sendfile", "splice", "tee"})
        put(4, say(lang(), Text::explain_pairs, claims::method_title(call, lang()), value("accepted", {{"call", call}}),
                   value("refusals", {{"call", call}})));
    if (name == "visible")
      for (const char* method : {"read_write", "mmap_write", "sendfile", "splice", "tee", "direct_io"})
        put(4, say(lang(), Text::explain_visible, claims::method_title(method, lang()),
                   value("visible_bytes", {{"method", method}}), value("mapped_bytes", {{"method", method}})));
    if (name == "sweep") put(4, value("sweep", {}));
  }

  void copy(const timeline::Recording& document, const timeline::Copy& copy) {
    const auto word = [&](auto value) { return std::string(words(summary::text_of(value), lang())); };
    const auto function =
        copy.via.empty() ? copy.function : say(lang(), Text::function_within, copy.function, copy.via);
    std::string line =
        say(lang(), Text::explain_copy, word(copy.from), word(copy.to), format_bytes(copy.bytes), word(copy.by),
            function, format_count(copy.calls), words(summary::text_of(copy.context), lang()));
    if (const auto at = first(document, copy)) line += std::string(words(Text::claims_semicolon, lang())) + *at;
    put(4, line);
  }

  /// When the timeline first shows the copy, on its own or in a system call.
  std::optional<std::string> first(const timeline::Recording& document, const timeline::Copy& copy) const {
    const auto name = [&](uint16_t index) { return std::string_view(document.names.at(index)); };
    const auto same = [&](timeline::End from, timeline::End to, timeline::Mover by, uint16_t function) {
      return from == copy.from && to == copy.to && by == copy.by && name(function) == copy.function;
    };
    for (const auto& event : document.events) {
      if (event.side != copy.side) continue;
      if (event.kind == timeline::EventKind::copy && same(event.from, event.to, event.by, event.name))
        return say(lang(), Text::explain_first, format_ns(event.t_ns), format_bytes(event.bytes));
      for (const auto& folded : event.folded)
        if (event.kind == timeline::EventKind::syscall && folded.calls != 0 &&
            same(folded.from, folded.to, folded.by, folded.function))
          return say(lang(), Text::explain_first, format_ns(event.t_ns + folded.at_ns),
                     fmt::format("{}, {}", name(event.name), format_bytes(folded.bytes)));
    }
    return {};
  }

  const claims::Results& results_;
  Style style_;
  std::string out_;
};

}  // namespace

std::string explain(const Judged& claim, const claims::Results& results, const Style& style) {
  return claim.settings.empty() ? std::string() : Explanation(results, style).of(claim);
}

}  // namespace zctrace::terminal
