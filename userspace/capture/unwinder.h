#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bpf/record.h"
#include "model/timeline/copy_stacks.h"
#include "userspace/capture/code_maps.h"

namespace zctrace::capture {

/// A place in a program's code.
struct ProgramFrame {
  std::string name;            ///< of the function; empty where no symbol tells
  std::string path, build_id;  ///< of its file; empty: in no file's code
  uint64_t offset = 0;  ///< of the function, else of the instruction, as the file's symbols count; or the address
};

struct ProgramStack {
  std::vector<ProgramFrame> frames;  ///< innermost first
  timeline::StackEnd end{};
};

/// Follows stacks of one process by its files' unwind information (libdwfl), else by frame pointers, and names their
/// functions. Debug information that is installed (/usr/lib/debug) is used; none is downloaded.
class Unwinder {
 public:
  explicit Unwinder(std::shared_ptr<const CodeSpace> space);
  ~Unwinder();
  Unwinder(const Unwinder&) = delete;
  Unwinder& operator=(const Unwinder&) = delete;

  /// Of the program's part.
  ProgramStack follow(const zc_stack& stack);

  /// Has the process got other code since?
  bool is_outdated() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zctrace::capture
