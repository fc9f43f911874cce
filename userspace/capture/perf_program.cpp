#include "userspace/capture/perf_program.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdint>
#include <thread>
#include <utility>

namespace zctrace::capture {

namespace {

/// Who lets go of an event last removes it, and waits. Here that is a worker of the kernel's, some time after the map is
/// closed: a map holds the events that are in it.
void leave_to_kernel(std::vector<Fd> events) {
  const Fd map(bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "zc_ended", sizeof(uint32_t), sizeof(int),
                              static_cast<uint32_t>(events.size()), nullptr));
  for (uint32_t i = 0; map && i < events.size(); i++) {
    const int event = events[i].get();
    bpf_map_update_elem(map.get(), &i, &event, BPF_ANY);
  }
  events.clear();  // before the map
}

}  // namespace

PerfProgram set_on_event(Fd event, int program) {
  if (!event) return {};
  Fd link(bpf_link_create(program, event.get(), BPF_PERF_EVENT, nullptr));
  const bool set = link || ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, program) == 0;
  if (set) return {std::move(event), std::move(link)};
  const int error = errno;
  link.reset();
  event.reset();
  errno = error;
  return {};
}

void take_off(std::vector<PerfProgram> programs) {
  std::vector<Fd> events;
  std::vector<std::jthread> waiting;  // for each the kernel waits until no task is in any program: at the same time
  for (PerfProgram& program : programs) {
    if (!program.link) continue;
    events.push_back(std::move(program.event));
    waiting.emplace_back([link = std::move(program.link)]() mutable { link.reset(); });
  }
  waiting.clear();
  if (!events.empty()) leave_to_kernel(std::move(events));
}

}  // namespace zctrace::capture
