#include "base/signals.h"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace zctrace {

namespace {

constexpr std::array kOwnFaults{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
constexpr std::array kTerminals{SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH};

/// What else the kernel sends is for us alone: an alarm set before we were executed, and the end of its terminal, of
/// which the session's leader alone gets a signal.
bool is_terminals(const signalfd_siginfo& info) {
  const int number = static_cast<int>(info.ssi_signo);
  if (info.ssi_code != SI_KERNEL || std::ranges::find(kTerminals, number) == kTerminals.end()) return false;
  return number != SIGHUP || getsid(0) != getpid();
}

}  // namespace

Signals::Signals(Stops stops) {
  sigset_t kept;
  sigfillset(&kept);
  for (const int number : kOwnFaults) sigdelset(&kept, number);
  if (stops == Stops::act)
    for (const int number : {SIGTSTP, SIGTTIN, SIGTTOU}) sigdelset(&kept, number);
  fd_.reset(signalfd(-1, &kept, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw Error(ExitStatus::failed, fmt::format("cannot receive signals: {}", std::strerror(errno)));
  sigprocmask(SIG_BLOCK, &kept, &before_);
}

Signals::~Signals() {
  while (next()) continue;
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<Received> Signals::next() {
  signalfd_siginfo info;
  while (read(fd_.get(), &info, sizeof info) == sizeof info) {
    // Our own SIGPIPE: the write has returned the error.
    if (info.ssi_code == SI_USER && static_cast<pid_t>(info.ssi_pid) == getpid()) continue;
    return Received{.number = static_cast<int>(info.ssi_signo),
                    .whole_group = is_terminals(info),
                    .sender = info.ssi_code == SI_KERNEL ? 0 : static_cast<pid_t>(info.ssi_pid),
                    .queued = info.ssi_code == SI_QUEUE};
  }
  return {};
}

}  // namespace zctrace
