#include "model/quantities/flow_quantities.h"

namespace zctrace::quantities {

using namespace timeline;

Amount of_copies(const EvidenceSet& evidence, const FlowPart& part, uint64_t bytes) {
  return counted(bytes, part.copies_known ? evidence.copies : Evidence::none);
}

Amount amount(FlowId id, const EvidenceSet& evidence, const FlowPart& part) { return id->of(evidence, part); }

std::string shown(FlowId id, const EvidenceSet& evidence, const FlowPart& part, Language language) {
  return shown(amount(id, evidence, part), id->unit, language);
}

}  // namespace zctrace::quantities
