#include "model/claims/run_quantities.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "model/claims/why.h"
#include "model/quantities/cipher_names.h"
#include "model/quantities/quantities.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::claims {
namespace {

using namespace timeline;

std::string edge_of(const Copy& copy) {
  return fmt::format("{}/{}/{}/{}", text(copy.side), text(copy.from), text(copy.to), text(copy.by));
}

Value number(double value, Words text, Evidence evidence, std::string edge = {}) {
  Value made;
  made.number = value;
  made.text = std::move(text);
  made.evidence = evidence;
  made.proofs = {{"", std::move(edge)}};
  return made;
}

/// Counted, each one; anything weaker is no proof.
std::optional<Value> weaker(Evidence evidence, TextWith<0> inferred) {
  if (evidence == Evidence::exact) return {};
  return unknown(both_either(evidence == Evidence::none, Text::claims_evidence_none, inferred));
}

/// A figure of the ledger, as a proof; `text`: why weaker evidence is none.
Value figure(const Traced& traced, quantities::Id id, TextWith<0> inferred, const char* edge = "") {
  const auto amount = quantities::amount(id, {traced.run, traced.ledger});
  if (auto value = weaker(amount.evidence, inferred)) return *value;
  return number(*amount.number, plain(quantities::shown(amount, id->unit, Language::english)), amount.evidence, edge);
}

/// The sender's copies for which `counts`, per byte of payload.
template <class Counts>
Value copies(const Traced& traced, const Counts& counts) {
  const auto& [run, ledger] = traced;
  const auto evidence = run.evidence.copies_unknown ? Evidence::inferred : copies_evidence(run, Side::sender);
  if (auto value = weaker(evidence, Text::claims_copies_inferred)) return *value;
  if (ledger.payload_bytes == 0) return unknown(both(Text::claims_no_payload));
  uint64_t bytes = 0, most = 0;
  std::string edge;
  for (const auto& copy : ledger.copies) {
    if (copy.side != Side::sender || !counts(copy)) continue;
    bytes += copy.bytes;
    if (copy.bytes > most) edge = edge_of(copy);
    most = std::max(most, copy.bytes);
  }
  const double ratio = static_cast<double>(bytes) / static_cast<double>(ledger.payload_bytes);
  return number(ratio, plain(format_ratio(ratio)), evidence, edge);
}

bool by_cpu(const Copy& copy) { return copy.by == Mover::cpu; }
bool user(End end) { return end == End::user_buffer; }

Value cpu_copies(const Traced& traced) {
  Value value = copies(traced, by_cpu);
  if (!value.number) return value;
  const auto ratio = quantities::amount("cpu_copies_per_byte", {traced.run, traced.ledger}).number;
  if (!ratio) return unknown(both(Text::claims_no_payload));
  value.number = ratio;
  value.text = plain(format_ratio(*ratio));
  return value;
}
Value copies_to_user(const Traced& traced) {
  return copies(traced, [](const Copy& copy) { return by_cpu(copy) && user(copy.to); });
}
Value user_kernel_copies(const Traced& traced) {
  return copies(traced, [](const Copy& copy) { return by_cpu(copy) && user(copy.from) != user(copy.to); });
}
Value reference_share(const Traced& traced) {
  return copies(traced, [](const Copy& copy) { return copy.by == Mover::reference && copy.to == End::socket_buffer; });
}
/// Bytes that the CPU read and wrote otherwise, as a cipher does: no copy, and not untouched.
Value transforms(const Traced& traced) {
  return copies(traced, [](const Copy& copy) { return copy.by == Mover::transform; });
}
Value mapped_share(const Traced& traced) {
  return copies(traced, [](const Copy& copy) { return copy.by == Mover::reference && user(copy.to); });
}
Value cpu_bytes_of(const Traced& traced) {
  Value value = cpu_copies(traced);
  if (!value.number) return value;
  const auto bytes = cpu_bytes(traced.ledger, Side::sender);
  value.number = static_cast<double>(bytes);
  value.text = plain(format_count(bytes));
  return value;
}

Value device_copies(const Traced& traced, bool has_dma, quantities::Id bytes, TextWith<0> no_dma, const char* edge) {
  if (!has_dma) return unknown(both(no_dma));
  Value value = figure(traced, bytes, Text::claims_device_inferred, edge);
  if (!value.number) return value;
  if (traced.ledger.payload_bytes == 0) return unknown(both(Text::claims_no_payload));
  value.number = *value.number / static_cast<double>(traced.ledger.payload_bytes);
  value.text = plain(format_ratio(*value.number));
  return value;
}

Value disk_copies(const Traced& traced) {
  return device_copies(traced, traced.run.source.dma, "disk/bytes", Text::claims_no_disk_dma,
                       "sender/disk/page cache/dma");
}
Value disk_to_user(const Traced& traced) {
  Value value =
      copies(traced, [](const Copy& copy) { return copy.by != Mover::cpu && copy.from == End::disk && user(copy.to); });
  if (!traced.run.source.dma) return unknown(both(Text::claims_no_disk_dma));
  return value;
}
Value nic_copies(const Traced& traced) {
  return device_copies(traced, traced.run.path.dma, "network/dma_bytes", Text::claims_no_nic_dma,
                       "sender/socket buffer/nic/dma");
}

Value sum(const Value& a, const Value& b) {
  if (!a.number) return a;
  if (!b.number) return b;
  const double ratio = *a.number + *b.number;
  Value made = number(ratio, plain(format_ratio(ratio)), std::max(a.evidence, b.evidence));
  made.proofs = a.proofs;
  made.proofs.insert(made.proofs.end(), b.proofs.begin(), b.proofs.end());
  return made;
}

Value dma_copies(const Traced& traced) { return sum(disk_copies(traced), nic_copies(traced)); }
Value all_copies(const Traced& traced) { return sum(cpu_copies(traced), dma_copies(traced)); }

constexpr const char* kSwitchEdge = "sender/mode switches";

Value mode_switches(const Traced& traced) {
  if (auto value = weaker(mode_switches_evidence(traced.run), Text::claims_switches_inferred)) return *value;
  if (chunks(traced.run) == 0) return unknown(both(Text::claims_no_payload));
  return figure(traced, "mode_switches/per_chunk", Text::claims_switches_inferred, kSwitchEdge);
}
Value mode_switches_total(const Traced& traced) {
  return figure(traced, "mode_switches", Text::claims_switches_inferred, kSwitchEdge);
}
Value switches_per_call(const Traced& traced) {
  const Value calls = figure(traced, "syscalls", Text::claims_switches_inferred);
  Value value = figure(traced, "mode_switches/syscall", Text::claims_switches_inferred, kSwitchEdge);
  if (!value.number) return value;
  if (*calls.number == 0) return unknown(both(Text::claims_no_payload));
  value.number = *value.number / *calls.number;
  value.text = plain(format_ratio(*value.number));
  return value;
}
Value user_faults(const Traced& traced) { return figure(traced, "page_faults/user", Text::claims_switches_inferred); }
Value kernel_faults(const Traced& traced) {
  return figure(traced, "page_faults/kernel", Text::claims_switches_inferred);
}
/// Of two counts.
Value total(Value a, const Value& b) {
  if (!a.number) return a;
  if (!b.number) return b;
  a.number = *a.number + *b.number;
  a.text = plain(format_count(static_cast<uint64_t>(*a.number)));
  return a;
}
Value page_faults(const Traced& traced) { return total(user_faults(traced), kernel_faults(traced)); }
Value context_switches(const Traced& traced) {
  return total(figure(traced, "context_switches/voluntary", Text::claims_switches_inferred),
               figure(traced, "context_switches/involuntary", Text::claims_switches_inferred));
}

/// Of what was transmitted.
Value share(const Traced& traced, quantities::Id bytes) {
  const Value all = figure(traced, "network/payload_bytes", Text::claims_device_inferred);
  Value value = figure(traced, bytes, Text::claims_device_inferred, "sender/socket buffer/nic/dma");
  if (!value.number) return value;
  if (*all.number == 0) return unknown(both(Text::claims_no_payload));
  value.number = *value.number / *all.number;
  value.text = plain(fmt::format("{:.1f}%", 100 * *value.number));
  return value;
}
Value linear_share(const Traced& traced) { return share(traced, "network/linear_bytes"); }
Value paged_share(const Traced& traced) { return share(traced, "network/paged_bytes"); }

Value scatter_gather(const Traced& traced) {
  if (traced.run.path.device.empty()) return unknown(both(Text::claims_no_device));
  const bool on = traced.run.path.scatter_gather;
  return number(on, both_either(on, Text::on, Text::off), Evidence::exact);
}
Value delivered(const Traced& traced) {
  const auto& ledger = traced.ledger;
  const bool whole = ledger.payload_bytes != 0 && ledger.received_bytes == ledger.payload_bytes * traced.run.sinks;
  return number(whole, both(Text::claims_delivered, format_bytes(ledger.received_bytes)), Evidence::exact);
}

/// Words of a run, for sentences: no numbers to compare.
Value text_only(Words text, std::string edge = {}) {
  Value made;
  made.text = std::move(text);
  made.proofs = {{"", std::move(edge)}};
  return made;
}
Value calls(const Traced& traced) {
  std::vector<std::pair<std::string, uint64_t>> counts(traced.ledger.sender.syscalls.begin(),
                                                       traced.ledger.sender.syscalls.end());
  std::ranges::stable_sort(counts, std::greater{}, &std::pair<std::string, uint64_t>::second);
  std::string list;
  for (const auto& [name, times] : counts)
    list += fmt::format("{}{} ×{}", list.empty() ? "" : ", ", name, format_count(times));
  return text_only(plain(list), kSwitchEdge);
}
/// Who made the copies for which `counts`.
template <class Counts>
Value functions_of(const Traced& traced, const Counts& counts) {
  if (const Value value = cpu_copies(traced); !value.number) return value;
  std::vector<Words> names;
  for (const auto& edge : edges(traced.ledger, Side::sender))
    for (const auto& copy : edge.copies) {
      // Packets' odd bytes are told in the ledger, not here.
      if (!by_cpu(copy) || !counts(copy) || copy.bytes * 100 < traced.ledger.payload_bytes) continue;
      names.push_back(copy.via.empty() ? plain(copy.function) : both(Text::function_within, copy.function, copy.via));
    }
  return text_only(names.empty() ? both(Text::claims_no_function) : join(names, {", ", "、"}));
}
Value functions(const Traced& traced) {
  return functions_of(traced, [](const Copy&) { return true; });
}
Value device_layer(const Traced& traced) {
  return functions_of(traced, [](const Copy& copy) { return copy.from == End::socket_buffer; });
}
/// What transformed them.
Value ciphers(const Traced& traced) {
  const auto found = timeline::ciphers(traced.ledger);
  if (found.empty()) return text_only({});
  const auto in = [&](Language language) {
    return say(language, Text::by_the_cpu, quantities::ciphers_text(found, language));
  };
  return text_only({in(Language::english), in(Language::chinese)});
}
Value references(const Traced& traced) {
  uint64_t bytes = 0, times = 0;
  std::string names, edge;
  for (const auto& copy : traced.ledger.copies)
    if (copy.side == Side::sender && copy.by == Mover::reference && copy.to == End::socket_buffer) {
      bytes += copy.bytes;
      times += copy.calls;
      if (names.find(copy.function) == names.npos) names += (names.empty() ? "" : ", ") + copy.function;
      edge = edge_of(copy);
    }
  return text_only(plain(fmt::format("{} ×{}, {}", names, format_count(times), format_bytes(bytes))), edge);
}
Value segments(const Traced& traced) {
  const auto& transmit = traced.ledger.transmit;
  return text_only(both(Text::claims_segments, format_count(transmit.packets), format_bytes(transmit.paged_bytes),
                        format_bytes(transmit.linear_bytes)),
                   "sender/socket buffer/nic/dma");
}
Value device(const Traced& traced) {
  return text_only(plain(fmt::format("{} ({})", traced.run.path.device, traced.run.path.driver)));
}
Value source(const Traced& traced) {
  return text_only(plain(fmt::format("{} ({})", traced.run.source.device, traced.run.source.filesystem)));
}

}  // namespace

const std::vector<RunQuantity>& run_quantities() {
  static const std::vector<RunQuantity> all{
      {"cpu_copies", Text::quantity_cpu_copies, cpu_copies},
      {"mode_switches", Text::quantity_mode_switches, mode_switches},
      {"dma_copies", Text::quantity_dma_copies, dma_copies},
      {"all_copies", Text::quantity_all_copies, all_copies},
      {"disk_copies", Text::quantity_disk_copies, disk_copies},
      {"nic_copies", Text::quantity_nic_copies, nic_copies},
      {"copies_to_user", Text::quantity_copies_to_user, copies_to_user},
      {"user_kernel_copies", Text::quantity_user_kernel_copies, user_kernel_copies},
      {"disk_to_user", Text::quantity_disk_to_user, disk_to_user},
      {"reference_share", Text::quantity_reference_share, reference_share},
      {"mapped_share", Text::quantity_mapped_share, mapped_share},
      {"transforms", Text::transforms_per_byte, transforms},
      {"cpu_bytes", Text::quantity_cpu_bytes, cpu_bytes_of},
      {"mode_switches_total", Text::quantity_mode_switches_total, mode_switches_total},
      {"switches_per_call", Text::quantity_switches_per_call, switches_per_call},
      {"page_faults", Text::quantity_page_faults, page_faults},
      {"user_faults", Text::quantity_page_faults, user_faults},
      {"kernel_faults", Text::quantity_page_faults, kernel_faults},
      {"context_switches", Text::quantity_context_switches, context_switches},
      {"linear_share", Text::quantity_linear_share, linear_share},
      {"paged_share", Text::quantity_paged_share, paged_share},
      {"scatter_gather", Text::quantity_scatter_gather, scatter_gather},
      {"delivered", Text::quantity_delivered, delivered},
      {"calls", Text::quantity_calls, calls},
      {"functions", Text::quantity_functions, functions},
      {"device_layer", Text::quantity_functions, device_layer},
      {"references", Text::quantity_references, references},
      {"ciphers", Text::transform, ciphers},
      {"segments", Text::quantity_segments, segments},
      {"device", Text::quantity_device, device},
      {"source", Text::quantity_source, source},
  };
  return all;
}

}  // namespace zctrace::claims
