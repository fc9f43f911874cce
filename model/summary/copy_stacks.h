#pragma once

#include <string>
#include <vector>

#include "model/language/texts.h"
#include "model/timeline/model.h"

/// Which code copied, for people and for flame graphs.
namespace zctrace::summary {

/// "write (libc.so.6)"; "[nginx]+0x4a5b0" where no symbol tells.
std::string frame_text(const timeline::CopyStacks& all, const timeline::CodeFrame& frame);

/// One of the heaviest stacks.
struct StackLines {
  std::string amount;              ///< "12.0 MiB of 16.0 MiB (75%) in 192 calls"
  std::vector<std::string> lines;  ///< its flow, the program's frames, the kernel's, where it ends
};

struct HeaviestStacks {
  std::vector<StackLines> list;
  std::vector<std::string> remarks;  ///< what was left out, is not known, and how all is known
};

/// Nothing in it where no stacks were asked for.
HeaviestStacks heaviest_stacks(const timeline::Ledger& ledger, Language language, size_t most = 5);

/// For flame graphs: outermost first the process, then who called whom. Names are English.
struct FlameStacks {
  struct Name {
    std::string name;
    bool kernel = false;
    timeline::CpuWork work{};
  };
  struct Stack {
    uint64_t bytes = 0;
    std::vector<uint32_t> frames;  ///< in `names`
  };
  std::vector<Name> names;
  std::vector<Stack> stacks;
  uint64_t unknown_bytes = 0;  ///< copied, it is not known with which stack
};
FlameStacks flame_stacks(const timeline::CopyStacks& all, const timeline::Flows& flows);

}  // namespace zctrace::summary
