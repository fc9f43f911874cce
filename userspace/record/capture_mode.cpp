#include "userspace/record/capture_mode.h"

#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "userspace/confine/privileges.h"
#include "userspace/lab/emulator.h"

namespace zctrace::record {

namespace {

/// Capabilities of another are none to the kernel.
bool is_first_user_namespace() {
  constexpr uint32_t kAll = std::numeric_limits<uint32_t>::max();
  uint32_t inside = 0, outside = 0, count = 0;
  std::ifstream("/proc/self/uid_map") >> inside >> outside >> count;
  return count == kAll;
}

std::string who_may_trace() {
  if (confine::holds(CAP_SYS_ADMIN) && is_first_user_namespace())  // the kernel asks for no more
    return "a security module (lockdown, a BPF LSM: cat /sys/kernel/security/lsm) or a seccomp filter refuses it";
  return geteuid() == 0 ? "this root has no right to: in a container, run it with --privileged" : "run as root (sudo)";
}

}  // namespace

capture::CopyMode best_mode(capture::CopyMode asked, const capture::Capabilities& kernel) {
  if (!kernel.can_trace())
    throw Error(ExitStatus::not_permitted, "tracing is not permitted here: " + kernel.tracepoints.in(Language::english),
                who_may_trace() + ", or in the lab, which needs no root: zctrace ... --kernel 6.12");
  if (asked == capture::CopyMode::exact && kernel.can_count_exactly()) return capture::CopyMode::exact;
  return kernel.can_sum() ? capture::CopyMode::fast : capture::CopyMode::inferred;
}

Message why_weaker(capture::CopyMode asked, capture::CopyMode mode, const capture::Capabilities& kernel) {
  if (mode == capture::CopyMode::inferred)
    return message(Text::note_tracepoints_only, kernel.fentry, kernel.breakpoints);
  if (mode != asked) return message(Text::note_no_breakpoints, kernel.breakpoints);
  return {};
}

timeline::Kernel this_kernel() {
  utsname name;
  uname(&name);
  if (!capture::in_lab()) return {name.release, "host", name.machine};
  std::string parameters;
  std::ifstream file("/proc/cmdline");
  std::getline(file, parameters);
  const size_t own = parameters.find(lab::last_parameter);
  parameters.erase(0, own == parameters.npos ? own : own + lab::last_parameter.size() + 1);
  return {name.release, "lab", name.machine, parameters};
}

}  // namespace zctrace::record
