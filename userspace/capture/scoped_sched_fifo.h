#pragma once

#include <sched.h>

namespace zctrace::capture {

/// While we look into a map or change it, the kernel skips the programs of perf's events of every other task on our
/// CPU, uncounted (bpf_disable_instrumentation): where it is preemptible we must not be preempted then. Done as far as
/// this user may.
class ScopedSchedFifo {
 public:
  ScopedSchedFifo() {
    const sched_param first{.sched_priority = 1};
    raised_ =
        sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0;
  }
  ~ScopedSchedFifo() {
    const sched_param normal{};
    if (raised_) sched_setscheduler(0, SCHED_OTHER, &normal);
  }

 private:
  bool raised_;
};

}  // namespace zctrace::capture
