#pragma once

#include <vector>

#include "base/fd.h"

namespace zctrace::capture {

/// A BPF program that is set on a perf event.
struct PerfProgram {
  Fd event;
  Fd link;  ///< none before 5.15 (b89fbfbb854c): the program is the event's then, to its end
};

/// Sets a program on a perf event. No event, with errno, where it cannot.
PerfProgram set_on_event(Fd event, int program);

/// Takes programs off their events. None is running any more when it returns; an event without a program does nothing,
/// and the kernel removes it in its own time: for each of a tracepoint's it waits for all CPUs, one after the other.
void take_off(std::vector<PerfProgram> programs);

}  // namespace zctrace::capture
