#include "userspace/commands/support/follow.h"

#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/interrupt.h"

namespace zctrace::commands {

using Clock = std::chrono::steady_clock;

void follow(record::ProgramTrace& trace, const record::Targets& targets, std::optional<Clock::duration> time,
            std::chrono::milliseconds pause, PrometheusExport& metrics) {
  const Clock::time_point begin = Clock::now();
  while (!InterruptGuard::count()) {
    std::chrono::milliseconds wait = pause;
    if (time) {
      const auto left = *time - (Clock::now() - begin);
      if (left <= Clock::duration::zero()) return;
      wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    poll(nullptr, 0, static_cast<int>(wait.count()));  // Ctrl-C ends it
    trace.poll();
    metrics.step(trace);
    const std::string ended = targets.ended();
    if (ended.empty()) continue;
    std::fprintf(stderr, "zctrace: %s\n", ended.c_str());
    return;
  }
}

}  // namespace zctrace::commands
