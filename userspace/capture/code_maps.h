#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "userspace/capture/perf_ring.h"

namespace zctrace::capture {

/// A file's code in a process's memory.
struct CodeMapping {
  uint64_t end = 0;
  uint64_t offset = 0;  ///< in the file, of where it begins
  std::string path;     ///< as the process sees it
};

/// The code that a process has in its memory, from one execve to the next.
struct CodeSpace {
  pid_t pid = 0;
  uint64_t since_ns = 0;                     ///< CLOCK_MONOTONIC
  std::string program;                       ///< the path of what was executed; empty where that is not known
  uint64_t changes = 0;                      ///< how often `mappings` was changed
  std::map<uint64_t, CodeMapping> mappings;  ///< by where they begin
};

/// Keeps what files each process has its code from, as the kernel reports it (perf_event_open: executable mappings,
/// forks, execve), so that it is known of a process that has gone. All of the machine's processes: the stacks tell
/// later whose it was worth. Where the kernel does not report, /proc tells of those that are still there.
class CodeMaps {
 public:
  /// Reports begin with it.
  CodeMaps();

  /// A process that runs already.
  void add_running(pid_t pid);
  /// Takes what the kernel has reported, often: a process that does nothing but start programs fills the ring in a
  /// second. Returns up to when all is known (CLOCK_MONOTONIC).
  uint64_t poll();
  /// What it had then; null where that is not known.
  std::shared_ptr<const CodeSpace> space_of(pid_t pid, uint64_t t_ns);
  /// Forgets those that had gone when this was called the last time.
  void forget_gone();

  /// A line of /proc/PID/maps, into the space. For tests.
  static void add_line(CodeSpace& space, std::string_view line);

 private:
  struct Report {
    uint64_t t = 0;
    perf_event_header header{};
    std::vector<uint64_t> record;
  };
  struct Process {
    std::vector<std::shared_ptr<CodeSpace>> spaces;  ///< the oldest first
    int gone = 0;                                    ///< calls of forget_gone() since it has ended, and 1
  };
  void apply(const Report& report);
  std::shared_ptr<CodeSpace> space_from_proc(pid_t pid) const;

  std::vector<Fd> events_;
  std::vector<std::unique_ptr<PerfRing>> rings_;
  std::vector<Report> waiting_;  ///< newer than what all rings were read up to
  std::map<pid_t, Process> processes_;
};

}  // namespace zctrace::capture
