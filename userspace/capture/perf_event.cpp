#include "userspace/capture/perf_event.h"

#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <thread>

#include "base/error.h"

namespace zctrace::capture {

namespace {

int open_event(perf_event_attr& attributes, pid_t pid, int cpu) {
  attributes.size = sizeof attributes;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

uint64_t read_id(const std::string& tracefs, const std::string& event) {
  uint64_t id = 0;
  std::ifstream(tracefs + "/events/" + event + "/id") >> id;
  return id;
}

/// In a mount namespace of a thread's own, which ends with it.
uint64_t read_id_unmounted(const std::string& event) {
  uint64_t id = 0;
  std::thread([&] {
    if (unshare(CLONE_FS | CLONE_NEWNS) || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr)) return;
    if (mount("tracefs", "/sys/kernel/tracing", "tracefs", MS_RDONLY, nullptr) == 0)
      id = read_id("/sys/kernel/tracing", event);
  }).join();
  return id;
}

}  // namespace

int open_breakpoint(pid_t pid, int cpu, uint64_t address) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_BREAKPOINT;
  attributes.bp_type = HW_BREAKPOINT_X;
  attributes.bp_addr = address;
  attributes.bp_len = sizeof(long);
  attributes.sample_period = 1;
  attributes.inherit = cpu < 0;
  return open_event(attributes, pid, cpu);
}

int open_tracepoint(const std::string& category, const std::string& name) {
  const std::string event = category + "/" + name;
  uint64_t id = read_id("/sys/kernel/tracing", event);
  if (!id) id = read_id("/sys/kernel/debug/tracing", event);
  if (!id) id = read_id_unmounted(event);
  if (!id) {
    if (faccessat(AT_FDCWD, "/sys/kernel/tracing/events", F_OK, AT_EACCESS) != 0 && errno == EACCES)
      throw Error(ExitStatus::not_permitted, "the numbers of tracepoints in /sys/kernel/tracing are not for this user",
                  "give it CAP_DAC_READ_SEARCH too, or: mount -o remount,mode=755 /sys/kernel/tracing");
    errno = ENOENT;
    return -1;
  }
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = id;
  attributes.sample_period = 1;
  // A program runs all the same, and the event itself would cost each call on its CPU half a microsecond.
  attributes.disabled = 1;
  return open_event(attributes, -1, 0);
}

bool has_uprobes() { return access("/sys/bus/event_source/devices/uprobe/type", F_OK) == 0; }

int open_uprobe(const std::string& file, uint64_t offset) {
  perf_event_attr attributes{};
  if (!(std::ifstream("/sys/bus/event_source/devices/uprobe/type") >> attributes.type)) {
    errno = ENOTSUP;
    return -1;
  }
  attributes.uprobe_path = reinterpret_cast<uint64_t>(file.c_str());
  attributes.probe_offset = offset;
  return open_event(attributes, -1, 0);
}

}  // namespace zctrace::capture
