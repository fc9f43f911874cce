#include "userspace/capture/cpu_sampler.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/io.h"
#include "base/running.h"

namespace zctrace::capture {

namespace {

constexpr size_t kSampleRingPages = 128;  // a second at 4 kHz with deep stacks

int open_event(perf_event_attr& attributes, pid_t thread, int cpu) {
  attributes.size = sizeof attributes;
  attributes.inherit = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, thread, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

/// Of the processor's; -1 where it shows none.
int open_counter(uint64_t what, pid_t thread) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = what;
  attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return open_event(attributes, thread, -1);
}

/// Nothing where it did not count all the time.
std::optional<uint64_t> sum_of(const std::vector<Fd>& counters) {
  uint64_t sum = 0;
  for (const Fd& counter : counters) {
    struct {
      uint64_t count, enabled, running;
    } read_back{};
    if (read(counter.get(), &read_back, sizeof read_back) != sizeof read_back) return std::nullopt;
    if (read_back.running != read_back.enabled) return std::nullopt;
    sum += read_back.count;
  }
  return counters.empty() ? std::nullopt : std::optional(sum);
}

[[noreturn]] void throw_refused(int error) {
  if (error == EACCES || error == EPERM)
    throw Error(ExitStatus::not_permitted, "sampling the kernel's stacks is not permitted here",
                "run as root (sudo), or with CAP_PERFMON, or in the lab, which needs no root: --kernel 6.12");
  throw system_error("sampling the CPU", error);
}

}  // namespace

/// ip; pid, tid; number of entries; entries
void CpuSampler::sample(const perf_event_header& header, std::span<const uint64_t> record, const Take& take) {
  if (header.type != PERF_RECORD_SAMPLE) return;
  const bool user = (header.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
  const auto chain = record.subspan(3, std::min<size_t>(record[2], record.size() - 3));
  stack_.clear();
  bool kernel = false;
  for (const uint64_t entry : chain) {
    if (entry >= static_cast<uint64_t>(PERF_CONTEXT_MAX))
      kernel = entry == static_cast<uint64_t>(PERF_CONTEXT_KERNEL);
    else if (kernel)
      stack_.push_back(entry);
  }
  take({static_cast<pid_t>(record[1] & 0xffffffff), record[0], user, stack_});
}

CpuSampler::CpuSampler(uint64_t hz) : hz_(hz) {}

CpuSampler::~CpuSampler() = default;

void CpuSampler::add_clock(pid_t thread, int cpu, Counters& counters) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.freq = 1;
  attributes.sample_freq = hz_;
  attributes.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN;
  attributes.exclude_callchain_user = 1;
  Fd clock(open_event(attributes, thread, cpu));
  if (!clock) {
    if (errno == ENODEV || errno == ESRCH) return;  // a CPU that is offline, a thread that has ended
    throw_refused(errno);
  }
  const auto ring = rings_.find(cpu);
  if (ring == rings_.end())
    rings_.emplace(cpu, std::make_unique<PerfRing>(clock.get(), kSampleRingPages));
  else if (ioctl(clock.get(), PERF_EVENT_IOC_SET_OUTPUT, ring->second->fd()) < 0)
    throw_refused(errno);
  counters.clocks.push_back(std::move(clock));
}

void CpuSampler::add(pid_t pid) {
  Counters& counters = counters_[pid];
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (const pid_t thread : threads_of(pid)) {
    for (int cpu = 0; cpu < cpus; ++cpu) add_clock(thread, cpu, counters);
    counters.cycles.emplace_back(open_counter(PERF_COUNT_HW_CPU_CYCLES, thread));
    counters.instructions.emplace_back(open_counter(PERF_COUNT_HW_INSTRUCTIONS, thread));
    counters.cache_misses.emplace_back(open_counter(PERF_COUNT_HW_CACHE_MISSES, thread));
  }
}

void CpuSampler::poll(const Take& take) {
  for (const auto& [cpu, ring] : rings_)
    lost_ += ring->read(
        [&](const perf_event_header& header, std::span<const uint64_t> record) { sample(header, record, take); });
}

void CpuSampler::stop(const Take& take) {
  for (const auto& [pid, counters] : counters_)
    for (const auto* events : {&counters.clocks, &counters.cycles, &counters.instructions, &counters.cache_misses})
      for (const Fd& event : *events)
        if (event) ioctl(event.get(), PERF_EVENT_IOC_DISABLE, 0);
  poll(take);
}

timeline::CpuSide CpuSampler::used_by(pid_t pid) const {
  const Counters& counters = counters_.at(pid);
  timeline::CpuSide used;
  for (const Fd& clock : counters.clocks) {
    uint64_t ns = 0;
    if (read(clock.get(), &ns, sizeof ns) == sizeof ns) used.cpu_ns += ns;
  }
  const auto cycles = sum_of(counters.cycles), instructions = sum_of(counters.instructions),
             misses = sum_of(counters.cache_misses);
  if (cycles && instructions && misses) used.events = {*cycles, *instructions, *misses};
  return used;
}

}  // namespace zctrace::capture
