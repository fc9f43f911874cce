#include "model/quantities/copies.h"

#include <algorithm>

namespace zctrace::quantities {

using namespace timeline;

namespace {

Amount ratio(uint64_t bytes, uint64_t all, bool doubt, Evidence evidence) {
  if (all == 0 || doubt) return {};
  return computed(static_cast<double>(bytes) / static_cast<double>(all), evidence);
}

}  // namespace

Evidence evidence_between(const Run& run, Side side, End from, End to, Mover by) {
  if (by == Mover::dma && from == End::disk) return run.evidence.disk;
  if (by == Mover::dma && to == End::nic) return run.evidence.nic;
  return copies_evidence(run, side);
}

Evidence evidence_of(const Run& run, const Copy& copy) {
  const auto known = evidence_between(run, copy.side, copy.from, copy.to, copy.by);
  return known == Evidence::none ? known : copy.evidence;
}

Evidence evidence_of(const Run& run, const Edge& edge) {
  auto worst = Evidence::exact;
  for (const auto& copy : edge.copies) worst = std::max(worst, evidence_of(run, copy));
  return worst;
}

bool doubtful(const Run& run, const Copy& copy) {
  return run.evidence.copies_unknown && copy.side == Side::sender && copy.by == Mover::reference &&
         copy.evidence != Evidence::exact;
}

bool doubtful(const Run& run, const Edge& edge) {
  return std::ranges::any_of(edge.copies, [&](const Copy& copy) { return doubtful(run, copy); });
}

Amount per_byte(const Run& run, const Ledger& ledger, const Copy& copy) {
  return ratio(copy.bytes, side_bytes(ledger, copy.side), doubtful(run, copy), evidence_of(run, copy));
}

Amount per_byte(const Run& run, const Ledger& ledger, const Edge& edge) {
  return ratio(edge.bytes, side_bytes(ledger, edge.copies.front().side), doubtful(run, edge), evidence_of(run, edge));
}

}  // namespace zctrace::quantities
