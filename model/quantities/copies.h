#pragma once

#include "model/quantities/amount.h"
#include "model/timeline/ledger.h"

/// The figures of the ledger's copies: of one, or of all on the same edge.
namespace zctrace::quantities {

/// How well the bytes between two places are counted, whether some were or none.
timeline::Evidence evidence_between(const timeline::Run& run, timeline::Side side, timeline::End from, timeline::End to,
                                    timeline::Mover by);

/// How well it is known; an edge as well as its worst copy.
timeline::Evidence evidence_of(const timeline::Run& run, const timeline::Copy& copy);
timeline::Evidence evidence_of(const timeline::Run& run, const timeline::Edge& edge);

/// Did the bytes go by reference, or were they copied where nobody could see it?
bool doubtful(const timeline::Run& run, const timeline::Copy& copy);
bool doubtful(const timeline::Run& run, const timeline::Edge& edge);

/// Bytes per byte of the side's; unknown where it is doubtful whether they were copied.
Amount per_byte(const timeline::Run& run, const timeline::Ledger& ledger, const timeline::Copy& copy);
Amount per_byte(const timeline::Run& run, const timeline::Ledger& ledger, const timeline::Edge& edge);

}  // namespace zctrace::quantities
