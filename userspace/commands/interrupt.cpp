#include "userspace/commands/interrupt.h"

#include <csignal>

namespace zctrace::commands {

namespace {

volatile std::sig_atomic_t interrupts = 0;
struct sigaction previous_int, previous_term;

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupts = 0;
  struct sigaction counting {};
  counting.sa_handler = [](int) { interrupts = interrupts + 1; };
  sigaction(SIGINT, &counting, &previous_int);
  sigaction(SIGTERM, &counting, &previous_term);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &previous_int, nullptr);
  sigaction(SIGTERM, &previous_term, nullptr);
}

int InterruptGuard::count() { return interrupts; }

}  // namespace zctrace::commands
