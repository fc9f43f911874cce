#pragma once

#include "model/claims/claims.h"
#include "model/claims/results.h"

namespace zctrace::claims {

/// The claim's sentences that fit what was measured, their values filled in; where none fits, a list of what differs.
Words why(const Claim& claim, const Judged& judged, const Results& results);

}  // namespace zctrace::claims
