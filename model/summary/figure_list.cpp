#include "model/summary/figure_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "model/quantities/copies.h"
#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
#include "model/summary/cpu_cost.h"
#include "model/summary/edge_label.h"
#include "model/summary/flow_rows.h"
#include "model/summary/sentences.h"
#include "model/summary/words.h"
#include "model/timeline/flow_match.h"
#include "model/timeline/names.h"

namespace zctrace::summary {
namespace {

using namespace timeline;

/// "_copy_to_iter ×1,024; skb_copy_bits in skb_segment ×724, 25% in softirq"
std::string functions_text(const Edge& edge, Language language) {
  struct Function {
    std::string name;
    uint64_t calls;
  };
  constexpr size_t kMost = 4;
  std::vector<Function> functions;
  size_t others = 0;
  for (const auto& copy : edge.copies) {
    if (copy.function.empty()) continue;
    auto name = copy.via.empty() ? copy.function : say(language, Text::function_within, copy.function, copy.via);
    const auto seen = std::ranges::find(functions, name, &Function::name);
    if (seen != functions.end()) {
      seen->calls += copy.calls;
    } else if (functions.size() < kMost) {
      functions.push_back({std::move(name), copy.calls});
    } else {
      ++others;
    }
  }
  std::string text;
  for (const auto& function : functions)
    text += fmt::format("{}{} ×{}", text.empty() ? "" : "; ", function.name, format_count(function.calls));
  if (others > 0) text += "; " + say(language, Text::figure_more_functions, format_count(others));
  const bool softirq = std::ranges::any_of(edge.copies, [](const Copy& c) { return c.context == Context::softirq; });
  if (!softirq) return text;
  return text + (text.empty() ? "" : std::string(words(Text::comma, language))) + context_text(edge, language);
}

/// How surely nothing that figure `id` counts was there.
Evidence evidence_of_absence(const Run& run, std::string_view id) {
  const bool receivers = id.starts_with("receiver/") || id.starts_with("copies/receiver/");
  if (receivers && !has_receiver(run)) return Evidence::exact;
  if (id.starts_with("syscalls/") || id.starts_with("receiver/syscalls/")) return run.evidence.system_calls;
  if (id.starts_with("flows/"))
    return !is_program(run)          ? Evidence::none
           : id.ends_with("/copies") ? run.evidence.copies
                                     : run.evidence.system_calls;
  if (id == "transforms_per_byte" || id == "own_passes_per_byte")
    return is_program(run) || run.own_passes || run.kernel_tls ? Evidence::none : run.evidence.copies;
  if (id.starts_with("network/framing")) return is_program(run) ? Evidence::none : Evidence::exact;
  if (id.starts_with("network/")) return has_network(run) ? Evidence::none : Evidence::exact;
  std::vector<std::string_view> parts;  // copies, side, from, to, by
  for (size_t at = 0; at <= id.size();) {
    const auto end = std::min(id.find('/', at), id.size());
    parts.push_back(id.substr(at, end - at));
    at = end + 1;
  }
  if (parts.size() < 5 || parts[0] != "copies") return Evidence::none;
  const auto side = value_of<Side>(parts[1]);
  const auto from = value_of<End>(parts[2]), to = value_of<End>(parts[3]);
  const auto by = value_of<Mover>(parts[4]);
  if (!side || !from || !to || !by) return Evidence::none;
  if (run.evidence.copies_unknown && *side == Side::sender && *by != Mover::dma) return Evidence::none;
  return quantities::evidence_between(run, *side, *from, *to, *by);
}

class List {
 public:
  List(const Run& run, const Ledger& ledger, Language language) : run_(run), ledger_(ledger), language_(language) {}

  std::vector<Figure> all() {
    const Subject sender{run_, ledger_, Side::sender}, receiver{run_, ledger_, Side::receiver};
    for (const auto& quantity : quantities::kQuantities) {
      section_ = words(quantity.section, language_);
      row(quantity, quantity.whose == Whose::receiver ? receiver : sender);
      // All of the receiver stands in one place, behind what it received.
      if (quantity.id == "received_bytes")
        for (const auto& both : quantities::kQuantities)
          if (both.whose == Whose::both) row(both, receiver);
    }
    return std::move(list_);
  }

 private:
  using Subject = quantities::Subject;
  using Whose = quantities::Whose;
  using Unit = quantities::Unit;

  void add(std::string id, std::string label, const quantities::Amount& amount, Unit unit, std::string detail = {}) {
    list_.push_back({std::move(id), section_, std::move(label), quantities::shown(amount, unit, language_),
                     amount.number, amount.evidence, std::move(detail)});
  }

  void row(const quantities::Quantity& quantity, const Subject& subject) {
    const std::string_view id = quantity.id;
    if (id == "flows/unattributed" && ledger_.flows) flows(*ledger_.flows);
    if (quantity.listing == quantities::unlisted || !applies(quantity, subject)) return;
    if (quantity.section == Text::network && !has_network(run_)) return;
    add(full_id(quantity, subject.side), std::string(words(quantity.label, language_)), quantity.of(subject),
        quantity.unit,
        quantity.section == Text::figures_cpu_cost ? cpu_detail(quantity, subject, language_) : detail(id));
    if (id == "own_passes_per_byte") list_.back().value = words(Text::not_visible, language_);
    if (id == "cpu_copies_per_byte")
      for (const auto& each : edges(ledger_, subject.side)) edge(each, subject.side);
    if (id == "syscalls") calls(subject);
  }

  /// What there is to say of it.
  std::string detail(std::string_view id) const {
    if ((id == "disk/bytes" || id == "disk/requests") && has_no_disk(run_, ledger_))
      return say(language_, Text::no_disk_dma, run_.source.filesystem);
    if (id == "network/dma_bytes" && !run_.path.dma && !run_.path.kind.empty())
      return say(language_, Text::figure_no_nic_dma, run_.path.kind);
    if (id == "network/dma_bytes" && run_.path.dma) return std::string(words(Text::driver_not_seen, language_));
    if (const auto by = ciphers(ledger_); id == "transforms_per_byte" && !by.empty())
      return say(language_, Text::by_the_cpu, ciphers_text(by, language_));
    if (id == "page_faults/kernel") return std::string(words(Text::figure_kernel_faults_detail, language_));
    if (id == "lost_events" && run_.lost.events != 0) return lost_sentence(run_, language_);
    return {};
  }

  void edge(const Edge& each, Side side) {
    const auto evidence = quantities::evidence_of(run_, each);
    const bool doubt = doubtful(run_, each);
    const auto mover = doubt ? words(Text::figure_passed_on, language_) : word(each.by, language_);
    const auto label = say(language_, Text::figure_edge, word(each.from, language_), word(each.to, language_), mover);
    const auto id = edge_id(side, each);
    add(id, label, quantities::per_byte(run_, ledger_, each), Unit::ratio,
        doubt ? std::string(words(Text::copied_or_not, language_)) : functions_text(each, language_));
    add(id + "/bytes", say(language_, Text::figure_edge_bytes, label), quantities::counted(each.bytes, evidence),
        Unit::bytes);
    add(id + "/calls", say(language_, Text::figure_edge_calls, label), quantities::counted(each.calls, evidence),
        Unit::count);
  }

  void calls(const Subject& subject) {
    const auto evidence = run_.evidence.system_calls;
    if (evidence == Evidence::none) return;
    const std::string prefix = subject.side == Side::receiver ? "receiver/syscalls/" : "syscalls/";
    for (const auto& [name, calls] : subject.figures().syscalls)
      add(prefix + name, name, quantities::counted(calls, evidence), Unit::count);
  }

  /// What each method passed on between two ends, by names that another trace of the program has as well.
  void flows(const Flows& flows) {
    for (const auto& match : timeline::flow_matches(flows)) {
      const auto method = std::string(text(match.part.method));
      const auto id = fmt::format("flows/{}/{}/{}", match.from, match.to, method);
      const auto label =
          say(language_, Text::figure_edge, match.from, match.to, method_text(match.part.method, language_));
      add(id, label, quantities::amount("bytes", run_.evidence, match.part), Unit::bytes);
      add(id + "/copies", say(language_, Text::figure_flow_copies, label),
          quantities::amount("copies_per_byte", run_.evidence, match.part), Unit::ratio);
    }
  }

  const Run& run_;
  const Ledger& ledger_;
  Language language_;
  std::string section_;
  std::vector<Figure> list_;
};

}  // namespace

std::string edge_id(Side side, const Edge& edge) {
  return fmt::format("copies/{}/{}/{}/{}", text(side), text(edge.from), text(edge.to), text(edge.by));
}

std::vector<Figure> figure_list(const Run& run, const Ledger& ledger, Language language) {
  return List(run, ledger, language).all();
}

Figure absent(const Run& run, const Figure& like, Language language) {
  auto figure = like;
  figure.detail.clear();
  figure.evidence = evidence_of_absence(run, like.id);
  figure.number.reset();
  figure.value = words(Text::unknown, language);
  if (figure.evidence == Evidence::none) return figure;
  figure.number = 0;
  figure.value = figure.evidence == Evidence::exact ? "-" : mark(figure.evidence) + "0";
  return figure;
}

}  // namespace zctrace::summary
