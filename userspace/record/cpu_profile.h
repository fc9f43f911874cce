#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "userspace/capture/cpu_sampler.h"
#include "userspace/capture/kallsyms.h"

namespace zctrace::record {

/// The files that a process has mapped, by address.
class Mappings {
 public:
  /// Reads /proc/PID/maps; nothing of a process that has ended.
  void read(pid_t pid);
  /// The same from the text of such a file.
  void add(std::string_view maps);
  /// "[libc.so.6]", "[vdso]"; "[anonymous memory]", where a just-in-time compiler puts its code; "[program]" where
  /// nothing is known.
  std::string part_at(uint64_t address) const;

 private:
  struct Mapping {
    uint64_t end;
    std::string name;
  };
  std::map<uint64_t, Mapping> mappings_;  ///< by where they begin
};

/// Adds up samples by stack.
class CpuProfile {
 public:
  /// Innermost first, as the sampler has them.
  void add(timeline::Side side, std::span<const std::string> frames, bool user);

  uint64_t samples(timeline::Side side) const { return samples_[static_cast<size_t>(side)]; }

  /// Routines and stacks of `cost`; the rarest of more than `most` stacks are counted only.
  void write(timeline::CpuCost& cost, size_t most = kMostStacks) const;

  static constexpr size_t kMostStacks = 500;

 private:
  uint32_t number_of(const std::string& name, timeline::CpuWork work);

  struct Key {
    timeline::Side side;
    std::vector<uint32_t> frames;
    auto operator<=>(const Key&) const = default;
  };
  std::vector<timeline::CpuRoutine> routines_;
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::map<Key, uint64_t> stacks_;
  std::array<uint64_t, 2> samples_ = {};  ///< by side
};

}  // namespace zctrace::record
