#include "model/quantities/flow_quantities.h"

#include <algorithm>

namespace zctrace::quantities {

using namespace timeline;

Evidence copies_evidence(const EvidenceSet& evidence, const FlowPart& part) {
  return std::max(evidence.copies, timeline::copies_evidence(part));
}

Amount of_copies(const EvidenceSet& evidence, const FlowPart& part, uint64_t bytes) {
  return counted(bytes, copies_evidence(evidence, part));
}

Amount amount(FlowId id, const EvidenceSet& evidence, const FlowPart& part) { return id->of(evidence, part); }

std::string shown(FlowId id, const EvidenceSet& evidence, const FlowPart& part, Language language) {
  return shown(amount(id, evidence, part), id->unit, language);
}

}  // namespace zctrace::quantities
