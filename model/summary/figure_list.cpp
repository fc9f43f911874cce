#include "model/summary/figure_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
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

std::optional<double> throughput(const Run& run, const Ledger& ledger) {
  if (run.duration_ns == 0 || ledger.payload_bytes == 0) return std::nullopt;
  return static_cast<double>(ledger.payload_bytes) * 1e9 / static_cast<double>(run.duration_ns);
}

/// "12.3 MiB/s"
std::string format_rate(double bytes_per_second) {
  constexpr double kMost = 1e19;  // what format_bytes takes
  return format_bytes(static_cast<uint64_t>(std::min(bytes_per_second, kMost))) + "/s";
}

/// How well the bytes between two places are counted, whether some were or none.
Evidence evidence_between(const Run& run, Side side, End from, End to, Mover by) {
  if (by == Mover::dma && from == End::disk) return run.evidence.disk;
  if (by == Mover::dma && to == End::nic) return run.evidence.nic;
  return copies_evidence(run, side);
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
  return evidence_between(run, *side, *from, *to, *by);
}

class List {
 public:
  List(const Run& run, const Ledger& ledger, Language language) : run_(run), ledger_(ledger), language_(language) {}

  std::vector<Figure> all() {
    section_ = words(Text::figures_copies, language_);
    copies(Side::sender);
    section_ = words(Text::flows, language_);
    if (ledger_.flows) flows(*ledger_.flows);
    section_ = words(Text::figures_switches, language_);
    switches(ledger_.sender);
    time();
    section_ = words(Text::disk, language_);
    disk();
    section_ = words(Text::network, language_);
    if (has_network(run_)) network();
    section_ = words(Text::receiver, language_);
    prefix_ = "receiver/";
    bytes("received_bytes", Text::figure_received, ledger_.received_bytes,
          ledger_.received_bytes == 0 ? Evidence::none : Evidence::exact);
    if (has_receiver(run_)) {
      copies(Side::receiver);
      switches(ledger_.receiver);
      cpu_time(ledger_.receiver);
    }
    section_ = words(Text::figures_recording, language_);
    prefix_.clear();
    count("lost_events", Text::figure_lost, run_.lost.events, Evidence::exact,
          run_.lost.events == 0 ? "" : lost_sentence(run_, language_));
    return std::move(list_);
  }

 private:
  void add(const std::string& id, std::string label, const std::string& value, double number, Evidence evidence,
           std::string detail = {}) {
    Figure figure{prefix_ + id, section_, std::move(label), {}, {}, evidence, std::move(detail)};
    if (evidence == Evidence::none) {
      figure.value = words(Text::unknown, language_);
    } else {
      figure.value = mark(evidence) + value;
      figure.number = number;
    }
    list_.push_back(std::move(figure));
  }
  void count(const std::string& id, Text label, uint64_t number, Evidence evidence, std::string detail = {}) {
    add(id, std::string(words(label, language_)), format_count(number), static_cast<double>(number), evidence,
        std::move(detail));
  }
  void bytes(const std::string& id, Text label, uint64_t number, Evidence evidence, std::string detail = {}) {
    add(id, std::string(words(label, language_)), format_bytes(number), static_cast<double>(number), evidence,
        std::move(detail));
  }
  void ratio(const std::string& id, std::string label, std::optional<double> number, Evidence evidence,
             std::string detail = {}) {
    add(id, std::move(label), format_ratio(number.value_or(0)), number.value_or(0), number ? evidence : Evidence::none,
        std::move(detail));
  }

  void copies(Side side) {
    ratio("cpu_copies_per_byte", std::string(words(Text::cpu_copies_per_byte, language_)),
          cpu_copies_per_byte(run_, ledger_, side), copies_evidence(run_, side));
    for (const auto& each : edges(ledger_, side)) edge(each, side);
  }

  void edge(const Edge& each, Side side) {
    const auto known = evidence_between(run_, side, each.from, each.to, each.by);
    const auto evidence = known == Evidence::none ? known : worst(each);
    const bool doubt = doubtful(run_, each);
    const auto mover = doubt ? words(Text::figure_passed_on, language_) : word(each.by, language_);
    const auto label = say(language_, Text::figure_edge, word(each.from, language_), word(each.to, language_), mover);
    const auto id = edge_id(side, each);
    const auto all = side_bytes(ledger_, side);
    std::optional<double> per_byte;
    if (all > 0 && !doubt) per_byte = static_cast<double>(each.bytes) / static_cast<double>(all);
    const auto prefix = std::exchange(prefix_, {});
    ratio(id, label, per_byte, evidence,
          doubt ? std::string(words(Text::copied_or_not, language_)) : functions_text(each, language_));
    add(id + "/bytes", say(language_, Text::figure_edge_bytes, label), format_bytes(each.bytes),
        static_cast<double>(each.bytes), evidence);
    add(id + "/calls", say(language_, Text::figure_edge_calls, label), format_count(each.calls),
        static_cast<double>(each.calls), evidence);
    prefix_ = prefix;
  }

  /// What each method passed on between two ends, by names that another trace of the program has as well.
  void flows(const Flows& flows) {
    for (const auto& match : timeline::flow_matches(flows)) {
      const auto method = std::string(text(match.part.method));
      const auto id = fmt::format("flows/{}/{}/{}", match.from, match.to, method);
      const auto label =
          say(language_, Text::figure_edge, match.from, match.to, method_text(match.part.method, language_));
      add(id, label, format_bytes(match.part.bytes), static_cast<double>(match.part.bytes), Evidence::exact);
      ratio(id + "/copies", say(language_, Text::figure_flow_copies, label), copies_per_byte(run_, match.part),
            run_.evidence.copies);
    }
    bytes("flows/unattributed", Text::flows_unattributed_bytes, flows.unattributed_bytes, run_.evidence.copies);
  }

  void switches(const Figures& side) {
    const auto& evidence = run_.evidence;
    const auto switches = mode_switches_evidence(run_);
    count("mode_switches", Text::mode_switches, side.mode_switches.total(), switches);
    if (&side == &ledger_.sender)
      ratio("mode_switches/per_chunk", std::string(words(Text::mode_switches_per_chunk, language_)),
            mode_switches_per_chunk(run_, ledger_), switches);
    count("mode_switches/syscall", Text::figure_switches_by_calls, side.mode_switches.syscall, evidence.system_calls);
    count("mode_switches/fault", Text::figure_switches_by_faults, side.mode_switches.fault, evidence.page_faults);
    count("syscalls", Text::system_calls, call_count(side), evidence.system_calls);
    if (evidence.system_calls != Evidence::none)
      for (const auto& [name, calls] : side.syscalls)
        add("syscalls/" + name, name, format_count(calls), static_cast<double>(calls), evidence.system_calls);
    count("page_faults/user", Text::figure_user_faults, side.user_faults, evidence.page_faults);
    count("page_faults/kernel", Text::figure_kernel_faults, side.kernel_faults, evidence.page_faults,
          std::string(words(Text::figure_kernel_faults_detail, language_)));
    count("context_switches/voluntary", Text::figure_voluntary, side.voluntary_switches, evidence.context_switches);
    count("context_switches/involuntary", Text::figure_involuntary, side.involuntary_switches,
          evidence.context_switches);
  }

  void time() {
    section_ = words(Text::figures_time, language_);
    bytes("payload_bytes", Text::figure_payload, ledger_.payload_bytes,
          ledger_.payload_bytes == 0 ? Evidence::none : Evidence::exact);
    add("duration_ns", std::string(words(Text::figure_duration, language_)), format_ns(run_.duration_ns),
        static_cast<double>(run_.duration_ns), run_.duration_ns == 0 ? Evidence::none : Evidence::exact);
    const auto rate = throughput(run_, ledger_);
    add("throughput", std::string(words(Text::figure_throughput, language_)), rate ? format_rate(*rate) : "",
        rate.value_or(0), rate ? Evidence::exact : Evidence::none);
    cpu_time(ledger_.sender);
  }

  void cpu_time(const Figures& side) {
    add("cpu_ns", std::string(words(Text::figure_cpu_time, language_)), format_ns(side.cpu_ns.value_or(0)),
        static_cast<double>(side.cpu_ns.value_or(0)), side.cpu_ns ? Evidence::exact : Evidence::none);
  }

  void disk() {
    const auto& dma = ledger_.dma;
    const auto& source = run_.source;
    const bool none = !source.dma && dma.disk_requests == 0 && !source.filesystem.empty();
    const auto why = none ? say(language_, Text::no_disk_dma, source.filesystem) : "";
    const auto evidence = none ? Evidence::exact : run_.evidence.disk;
    bytes("disk/bytes", Text::figure_disk_bytes, dma.disk_bytes, evidence, why);
    count("disk/requests", Text::figure_disk_requests, dma.disk_requests, evidence, why);
    bytes("disk/resident_bytes", Text::figure_resident, source.resident_bytes,
          source.filesystem.empty() ? Evidence::none : Evidence::exact);
  }

  void network() {
    const auto& sent = ledger_.transmit;
    const auto& path = run_.path;
    const auto evidence = run_.evidence.nic;
    count("network/packets", Text::figure_packets, sent.packets, evidence);
    bytes("network/paged_bytes", Text::figure_paged, sent.paged_bytes, evidence);
    bytes("network/linear_bytes", Text::figure_linear, sent.linear_bytes, evidence);
    bytes("network/header_bytes", Text::figure_headers, sent.header_bytes, evidence);
    const bool none = !path.dma && !path.kind.empty();
    bytes("network/dma_bytes", Text::figure_nic_bytes, ledger_.dma.nic_bytes,
          none       ? Evidence::exact
          : path.dma ? evidence
                     : Evidence::none,
          none ? say(language_, Text::figure_no_nic_dma, path.kind) : "");
  }

  const Run& run_;
  const Ledger& ledger_;
  Language language_;
  std::string section_, prefix_;
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
