#pragma once

#include "model/summary/picture.h"

namespace zctrace::summary {

/// Adds to a run's picture what the textbooks say otherwise: mode switches, calls of a round, copies by CPU and DMA.
/// They give numbers and calls, never which way a copy goes: none is made up. What was not measured contradicts nothing.
void hold_against_claim(Picture& picture, const timeline::Run& run, const timeline::Ledger& ledger, Language language);

}  // namespace zctrace::summary
