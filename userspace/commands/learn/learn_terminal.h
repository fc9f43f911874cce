#pragma once

#include <cstddef>

#include "userspace/commands/learn/learn_runs.h"

namespace zctrace::commands {

/// The tour with questions and pauses, on a terminal; from step `first` (0 is the first) on. Comes back at its end and
/// when the person leaves. Throws Passed when interrupted.
void tour_on_terminal(TourRuns& runs, size_t first);

/// The tour as text, all at once, with the measured answers.
void tour_as_text(TourRuns& runs, size_t first);

}  // namespace zctrace::commands
