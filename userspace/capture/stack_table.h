#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/timeline/copy_stacks.h"
#include "model/timeline/flow.h"
#include "userspace/capture/code_maps.h"
#include "userspace/capture/unwinder.h"

namespace zctrace::capture {

/// The stacks at which copies were made, taken out of the kernel's map before it is full, and followed while their
/// programs' files are there. Holds a bounded number, however long the trace.
class StackTable {
 public:
  explicit StackTable(int stacks_map, size_t most = 20'000);

  /// A process that runs already.
  void add_running(pid_t pid) { maps_.add_running(pid); }
  /// Takes what the kernel reports of programs' code: often.
  void poll() { maps_.poll(); }
  /// Takes new stacks: every second.
  void take();

  /// Those that the flows were copied with. Of the flows each CopiedBy::stack becomes a place in its list; those of
  /// stacks that are not known are taken out. Of more than `most` stacks the lightest are one. `name`: the function
  /// that a probe is at.
  timeline::CopyStacks stacks(timeline::Flows& flows, const std::function<std::string(unsigned)>& name,
                              size_t most = 1000) const;

 private:
  struct Known {
    std::vector<uint64_t> kernel;  ///< innermost first
    unsigned probe = 0;            ///< whose function copied
    ProgramStack program;
    std::string process;
    pid_t pid = 0;
  };
  void add(uint64_t number, const zc_stack& stack);
  Unwinder& unwinder_for(const std::shared_ptr<const CodeSpace>& space);

  const int map_;
  const size_t most_;
  CodeMaps maps_;
  std::unordered_map<uint64_t, Known> known_;
  std::map<const CodeSpace*, std::unique_ptr<Unwinder>> unwinders_;
};

}  // namespace zctrace::capture
