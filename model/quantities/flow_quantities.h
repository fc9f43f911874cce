#pragma once

#include <string_view>

#include "model/quantities/amount.h"
#include "model/quantities/row.h"
#include "model/timeline/ledger.h"

/// The figures of what one method carried between two ends, or of several such together: a row each, as in
/// quantities.h.
namespace zctrace::quantities {

struct FlowQuantity {
  std::string_view id;
  Unit unit;
  Amount (*of)(const timeline::EvidenceSet&, const timeline::FlowPart&);
};

/// How well its copies are known.
timeline::Evidence copies_evidence(const timeline::EvidenceSet& evidence, const timeline::FlowPart& part);
Amount of_copies(const timeline::EvidenceSet& evidence, const timeline::FlowPart& part, uint64_t bytes);

inline constexpr FlowQuantity kFlowQuantities[] = {
    {"bytes", Unit::bytes,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return counted(part.bytes, known.system_calls);
     }},
    // Of requests nothing tells which system calls asked for them, many together.
    {"calls", Unit::count,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return part.requests != 0 ? Amount{} : counted(part.calls, known.system_calls);
     }},
    {"cpu_bytes", Unit::bytes,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return of_copies(known, part, part.cpu_bytes);
     }},
    {"reference_bytes", Unit::bytes,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return of_copies(known, part, part.reference_bytes);
     }},
    {"transform_bytes", Unit::bytes,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return part.transform_bytes == 0 ? Amount{} : of_copies(known, part, part.transform_bytes);
     }},
    {"disk_bytes", Unit::bytes,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return counted(part.disk_bytes, known.disk);
     }},
    // As far as it was written before the trace ended.
    {"written_bytes", Unit::bytes,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return counted(part.written_bytes, known.disk);
     }},
    // Two a call; those of page faults are not told apart by flow.
    {"mode_switches", Unit::count,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return part.requests != 0 ? Amount{} : counted(part.mode_switches, known.system_calls);
     }},
    {"mode_switches_per_mib", Unit::ratio,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return computed(timeline::mode_switches_per_mib(part), known.system_calls);
     }},
    {"copies_per_byte", Unit::ratio,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return computed(timeline::copies_per_byte(part), copies_evidence(known, part));
     }},
    {"transforms_per_byte", Unit::ratio,
     [](const timeline::EvidenceSet& known, const timeline::FlowPart& part) {
       return computed(timeline::transforms_per_byte(part), known.copies);
     }},
};

using FlowId = RowOf<kFlowQuantities>;

Amount amount(FlowId id, const timeline::EvidenceSet& evidence, const timeline::FlowPart& part);

/// "~35.0 MiB", "unknown"
std::string shown(FlowId id, const timeline::EvidenceSet& evidence, const timeline::FlowPart& part, Language language);

}  // namespace zctrace::quantities
