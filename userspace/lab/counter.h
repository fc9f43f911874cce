#pragma once

#include <cstdint>

namespace zctrace::lab {

/// Ticks of this processor's time-stamp counter in a ms (kHz), as CLOCK_MONOTONIC_RAW measures it; takes 10 ms once.
/// A guest that is emulated reads the same counter.
uint64_t counter_khz();

}  // namespace zctrace::lab
