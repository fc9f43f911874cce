#include "base/interrupt.h"

#include <csignal>

namespace zctrace {

namespace {

/// Who presses that often wants out at once; nothing of ours stays behind even then.
constexpr int kPatience = 3;

volatile std::sig_atomic_t interrupts = 0;
struct sigaction previous_int, previous_term;

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupts = 0;
  struct sigaction counting {};
  counting.sa_handler = [](int signal) {
    interrupts = interrupts + 1;
    if (interrupts == kPatience) std::signal(signal, SIG_DFL);
  };
  sigaction(SIGINT, &counting, &previous_int);
  sigaction(SIGTERM, &counting, &previous_term);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &previous_int, nullptr);
  sigaction(SIGTERM, &previous_term, nullptr);
}

int InterruptGuard::count() { return interrupts; }

}  // namespace zctrace
