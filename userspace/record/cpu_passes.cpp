#include "userspace/record/cpu_passes.h"

#include <chrono>

#include "base/units.h"
#include "userspace/record/cpu_profile.h"

namespace zctrace::record {

namespace {

using timeline::Side;
using workloads::Transfer;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kHz = 3989;             // no multiple of the kernel's ticks
constexpr uint64_t kEnoughSamples = 2000;  // a share of a half is then known to 2 %
constexpr uint64_t kMostPasses = 200;
constexpr auto kMostTime = std::chrono::seconds(4);  // after which no further pass begins

/// One transfer's samples, and the names in them.
class Pass {
 public:
  Pass(const capture::KernelCode& code, CpuProfile& profile) : code_(code), profile_(profile), sampler_(kHz) {}

  void run(const workloads::Method& method, const workloads::Source& source, const workloads::Path& path,
           uint64_t chunk) {
    Transfer transfer(method, source, path, chunk, {}, Transfer::Ends::stay);
    transfer.start();
    sender_ = transfer.sender_pid();
    sinks_ = transfer.sink_pids();
    for (const pid_t pid : processes()) {
      sampler_.add(pid);
      mappings_[pid].read(pid);
    }
    const auto take = [&](const capture::CpuSampler::Sample& sample) { add(sample); };
    transfer.release();
    while (!transfer.arrived()) {
      transfer.poll(10);
      sampler_.poll(take);
      stop_if_interrupted();
    }
    sampler_.stop(take);
    transfer.stop();
  }

  void add_to(timeline::CpuCost& cost, bool first) const {
    cost.lost += sampler_.lost();
    add(cost.sender, {sender_}, first);
    add(cost.receiver, sinks_, first);
  }

 private:
  std::vector<pid_t> processes() const {
    std::vector<pid_t> all = sinks_;
    all.push_back(sender_);
    return all;
  }

  void add(const capture::CpuSampler::Sample& sample) {
    const Side side = sample.pid == sender_ ? Side::sender : Side::receiver;
    frames_.clear();
    if (sample.user) {
      frames_.push_back(mappings_[sample.pid].part_at(sample.address));
    } else {
      // Where a call returns to may be the next function's first instruction: that before it made the call.
      for (const uint64_t address : sample.kernel)
        frames_.push_back(code_.function_at(frames_.empty() ? address : address - 1));
      if (frames_.empty()) frames_.push_back(code_.function_at(sample.address));
    }
    profile_.add(side, frames_, sample.user);
  }

  void add(timeline::CpuSide& to, const std::vector<pid_t>& pids, bool first) const {
    for (const pid_t pid : pids) {
      const timeline::CpuSide used = sampler_.used_by(pid);
      to.cpu_ns += used.cpu_ns;
      if (first && pid == pids.front()) {
        to.events = used.events;
      } else if (to.events && used.events) {
        to.events->cycles += used.events->cycles;
        to.events->instructions += used.events->instructions;
        to.events->cache_misses += used.events->cache_misses;
      } else {
        to.events.reset();  // not of all of them
      }
    }
  }

  const capture::KernelCode& code_;
  CpuProfile& profile_;
  capture::CpuSampler sampler_;
  pid_t sender_ = 0;
  std::vector<pid_t> sinks_;
  std::map<pid_t, Mappings> mappings_;
  std::vector<std::string> frames_;
};

}  // namespace

timeline::CpuCost sample_cpu(const MeasurementOptions& options, const workloads::Method& method,
                             terminal::Progress& progress) {
  const workloads::Source source = prepare_source(source_options(options));
  const auto path = workloads::make_path(path_of(options, method), options.offload);
  const capture::KernelCode code;
  CpuProfile profile;
  timeline::CpuCost cost;
  cost.hz = kHz;
  const Side judged = method.receive ? Side::receiver : Side::sender;
  const auto deadline = Clock::now() + kMostTime;
  do {
    progress.show(message(Text::stage_sampling, method.name, format_count(cost.passes + 1)));
    stop_if_interrupted();
    if (cost.passes > 0) renew_cache(source);
    Pass pass(code, profile);
    pass.run(method, source, *path, options.chunk);
    pass.add_to(cost, cost.passes == 0);
    ++cost.passes;
    cost.bytes += source.size;
  } while (profile.samples(judged) < kEnoughSamples && cost.passes < kMostPasses && Clock::now() < deadline);
  profile.write(cost);
  return cost;
}

}  // namespace zctrace::record
