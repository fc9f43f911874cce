#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What transfers cost the CPU, sampled without any tracing. Times in ns.
namespace zctrace::timeline {

enum class Side : uint8_t;

/// What the CPU does in a routine. `program`: user mode, of which nothing further is known.
enum class CpuWork : uint8_t { other, copy, transform, program };

/// By its name: the table of routines is in cpu_cost.cpp. In user mode a routine is the file that the instruction is
/// in, in brackets: "[libc.so.6]".
CpuWork work_of_kernel_routine(std::string_view name);
CpuWork work_of_program_part(std::string_view name);

struct CpuRoutine {
  std::string name;
  CpuWork work = CpuWork::other;
  std::array<uint64_t, 2> samples = {};  ///< that found the CPU in it itself, by side
};

/// Where the CPU was found, and by whom it was called.
struct CpuStack {
  Side side{};
  std::vector<uint32_t> frames;  ///< outermost first: indices into CpuCost::routines
  uint64_t samples = 0;
};

/// Counted by the processor, over all passes.
struct CpuEvents {
  uint64_t cycles = 0, instructions = 0, cache_misses = 0;  ///< misses: of the last level
};

struct CpuSide {
  uint64_t cpu_ns = 0;              ///< by the kernel's clock of the task, over all passes
  std::optional<CpuEvents> events;  ///< nothing where the processor shows no counters
};

struct CpuCost {
  uint64_t hz = 0;      ///< samples asked for in a second of CPU time; a busy or emulated machine gives fewer
  uint64_t passes = 0;  ///< transfers that were sampled, untraced
  uint64_t bytes = 0;   ///< of the file, in all passes together
  uint64_t lost = 0;    ///< samples
  CpuSide sender, receiver;
  std::vector<CpuRoutine> routines;
  std::vector<CpuStack> stacks;              ///< most samples first
  std::array<uint64_t, 2> cut_samples = {};  ///< by side, of the stacks that were not kept
  uint64_t cut_stacks = 0;

  const CpuSide& of(Side side) const;
};

/// All of a side, or those in which the CPU did that work itself.
uint64_t samples_of(const CpuCost& cost, Side side);
uint64_t samples_of(const CpuCost& cost, Side side, CpuWork work);

/// A part of all samples, and how far off it may be: half the width of Wilson's interval, which holds the true value
/// 19 times of 20.
struct SampledShare {
  double part = 0, error = 0;
};
/// Nothing where there are no samples.
std::optional<SampledShare> share_of(const CpuCost& cost, Side side, CpuWork work);

/// CPU time per MiB of the file; nothing where nothing was transferred.
std::optional<double> cpu_ns_per_mib(const CpuCost& cost, Side side);

}  // namespace zctrace::timeline
