#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/fd.h"
#include "model/timeline/cpu_cost.h"
#include "userspace/capture/perf_ring.h"

namespace zctrace::capture {

/// Finds out where the CPU is while some processes run, by the kernel's clock (perf_event_open, cpu-clock), with the
/// kernel's part of the stack. Nothing is hooked: a sample is an interrupt. What interrupts a process itself, softirqs
/// say, is found in it; where the kernel has interrupts disabled, the sample is taken when it enables them again.
class CpuSampler {
 public:
  struct Sample {
    pid_t pid = 0;
    uint64_t address = 0;  ///< of the instruction
    bool user = false;     ///< that instruction is the program's
    std::span<const uint64_t>
        kernel;  ///< innermost first; the first is `address`, the others are where calls return to
  };
  using Take = std::function<void(const Sample&)>;

  /// `hz`: samples in a second of CPU time.
  explicit CpuSampler(uint64_t hz);
  ~CpuSampler();
  CpuSampler(const CpuSampler&) = delete;
  CpuSampler& operator=(const CpuSampler&) = delete;

  /// From now on, with its threads, and with what they start. Throws Error: not_permitted where this user may not.
  void add(pid_t pid);
  /// Hands over what has been found since. Must be called often enough: a second fits.
  void poll(const Take& take);
  /// Samples nothing more, and hands over the rest.
  void stop(const Take& take);

  uint64_t lost() const { return lost_; }
  /// After stop(): CPU time, and what the processor counted of it; nothing where it shows no counters, or others use
  /// them.
  timeline::CpuSide used_by(pid_t pid) const;

 private:
  struct Counters {
    std::vector<Fd> clocks;  ///< one per thread and CPU
    std::vector<Fd> cycles, instructions, cache_misses;
  };

  void add_clock(pid_t thread, int cpu, Counters& counters);
  void sample(const perf_event_header& header, std::span<const uint64_t> record, const Take& take);

  const uint64_t hz_;
  uint64_t lost_ = 0;
  std::map<int, std::unique_ptr<PerfRing>> rings_;  ///< by CPU: an inherited event of all CPUs can have none
  std::map<pid_t, Counters> counters_;
  std::vector<uint64_t> stack_;
};

}  // namespace zctrace::capture
