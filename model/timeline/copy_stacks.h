#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Which code copied: the stacks at which the CPU copied a traced program's bytes.
namespace zctrace::timeline {

/// Where the program's part of a stack ends, or why there is none.
enum class StackEnd : uint8_t {
  whole,    ///< where the thread began
  unknown,  ///< no unwind information and no frame pointer say who called
  deep,     ///< more of it than is kept
  softirq,  ///< in a softirq: whoever it interrupted is not the owner
  worker,   ///< in a thread of the kernel's
  compat,   ///< of a 32-bit program, whose stack is not followed
};

/// A file that frames lie in.
struct CodeModule {
  std::string path;      ///< as the program sees it
  std::string build_id;  ///< in hex; empty where it has none
};

struct CodeFrame {
  std::string name;  ///< of the function; empty where no symbol tells
  bool kernel = false;
  std::optional<uint32_t> module = {};  ///< in CopyStacks::modules; nothing of the kernel, and of generated code
  uint64_t offset = 0;                  ///< as the file's symbols count; of generated code the address
};

struct CopyStack {
  std::string process;  ///< its program's file name
  StackEnd end{};
  std::vector<uint32_t> frames;  ///< in CopyStacks::frames, outermost first; none: of stacks that were not kept
};

struct CopyStacks {
  bool at_calls = false;  ///< taken at the ends of calls: the copies are inferred, and where in the kernel is not known
  std::vector<CodeModule> modules;
  std::vector<CodeFrame> frames;
  std::vector<CopyStack> stacks;  ///< most bytes first
  uint64_t not_kept = 0;          ///< stacks that are one without frames together
  uint64_t lost = 0;              ///< times that a stack found no room in the kernel's table
};

/// What was copied of a flow with one stack.
struct CopiedBy {
  uint64_t stack = 0;  ///< in CopyStacks::stacks; the kernel's number of it while it is captured
  uint64_t bytes = 0, calls = 0;
};

}  // namespace zctrace::timeline
