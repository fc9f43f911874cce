#include "model/quantities/quantities.h"

#include <cmath>

namespace zctrace::quantities {

using namespace timeline;

Amount mode_switches_per_chunk(const Subject& subject) {
  return computed(timeline::mode_switches_per_chunk(subject.run, subject.ledger), mode_switches_evidence(subject.run));
}

Amount throughput(const Subject& subject) {
  const auto& [run, ledger, side] = subject;
  if (run.duration_ns == 0 || ledger.payload_bytes == 0) return {};
  return computed(static_cast<double>(ledger.payload_bytes) * 1e9 / static_cast<double>(run.duration_ns),
                  Evidence::exact);
}

Amount disk(const Subject& subject, uint64_t count) {
  return counted(count, has_no_disk(subject.run, subject.ledger) ? Evidence::exact : subject.evidence().disk);
}

Amount written(const Subject& subject, std::optional<uint64_t> count) {
  return count ? counted(*count, subject.evidence().disk) : Amount{};
}

Amount nic_dma(const Subject& subject) {
  const auto& path = subject.run.path;
  return counted(subject.ledger.dma.nic_bytes, path.dma            ? subject.evidence().nic
                                               : path.kind.empty() ? Evidence::none
                                                                   : Evidence::exact);
}

Amount unattributed(const EvidenceSet& evidence, uint64_t bytes) {
  // From system calls alone nobody can tell that there were none.
  return counted(bytes, evidence.copies == Evidence::inferred && bytes == 0 ? Evidence::none : evidence.copies);
}

Amount of_flows(const Subject& subject, uint64_t Flows::*count) {
  const auto& flows = subject.ledger.flows;
  return flows ? counted(*flows.*count, Evidence::exact) : Amount{};
}

Amount cpu_per_mib(const Subject& subject) {
  const auto& cost = subject.ledger.cpu_cost;
  const auto ns = cost ? cpu_ns_per_mib(*cost, subject.side) : std::nullopt;
  return ns ? counted(static_cast<uint64_t>(std::llround(*ns)), Evidence::sampled) : Amount{};
}

Amount cpu_share(const Subject& subject, CpuWork work) {
  const auto& cost = subject.ledger.cpu_cost;
  const auto share = cost ? share_of(*cost, subject.side, work) : std::nullopt;
  return share ? computed(share->part, Evidence::sampled) : Amount{};
}

Amount cpu_events(const Subject& subject, uint64_t CpuEvents::*count) {
  const auto& cost = subject.ledger.cpu_cost;
  if (!cost || cost->bytes == 0 || !cost->of(subject.side).events) return {};
  return computed(static_cast<double>(*cost->of(subject.side).events.*count) / static_cast<double>(cost->bytes),
                  Evidence::exact);
}

bool is_of(const Quantity& quantity, Side side) {
  const bool receiver = side == Side::receiver;
  return quantity.whose == Whose::both || receiver == (quantity.whose == Whose::receiver);
}

bool applies(const Quantity& quantity, const Subject& subject) {
  if (quantity.label == Text::figure_written_bytes || quantity.label == Text::figure_write_requests)
    return subject.ledger.dma.written_bytes.has_value();
  const auto& [run, ledger, side] = subject;
  if (quantity.id == "array_copies") return subject.figures().array_copies.has_value();
  if (quantity.label == Text::transforms_per_byte)
    return side == Side::sender && !ledger.flows && (run.kernel_tls || transformed_bytes(ledger) != 0);
  if (quantity.label == Text::own_passes_per_byte) return side == Side::sender && run.own_passes;
  if (quantity.label == Text::figure_framing) return ledger.framing_bytes != 0;
  if (quantity.section == Text::figures_cpu_cost) {
    if (!ledger.cpu_cost || (side == Side::receiver && !has_receiver(run))) return false;
    // An emulator's time, and that of what else its machine does.
    if (quantity.label == Text::figure_cpu_per_mib) return run.kernel.where != "lab";
    if (quantity.label == Text::figure_transform_share)
      return samples_of(*ledger.cpu_cost, side, CpuWork::transform) > 0;
    return quantity.unit != Unit::ratio || ledger.cpu_cost->of(side).events;
  }
  if (quantity.section == Text::flows) return subject.ledger.flows.has_value();
  return subject.side == Side::sender || quantity.whose == Whose::receiver || has_receiver(subject.run);
}

std::string full_id(const Quantity& quantity, Side side) {
  return (side == Side::receiver ? "receiver/" : "") + std::string(quantity.id);
}

Amount amount(Id id, const Subject& subject) { return (*id).of(subject); }

std::string shown(Id id, const Subject& subject, Language language) {
  return shown(amount(id, subject), (*id).unit, language);
}

}  // namespace zctrace::quantities
