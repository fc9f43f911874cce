#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/timeline/model.h"
#include "userspace/capture/session.h"
#include "userspace/record/targets.h"
#include "viz/terminal/progress.h"

namespace zctrace::record {

/// Of which part of a trace single events are kept; sums are kept of all of it.
struct DetailWindow {
  std::optional<uint64_t> first_events;  ///< the first so many
  std::optional<uint64_t> first_ns;      ///< those of the first so many ns
};

/// "2s", "500ms", "first:10000", "all", "none". Throws Error (usage).
DetailWindow parse_detail(const std::string& text);

struct TraceOptions {
  capture::CopyMode copies = capture::CopyMode::fast;
  std::string detail = "first:10000";
  uint64_t ring_bytes = 16u << 20;
  bool stacks = false;  ///< of copies
};

/// Hooks attached to the kernel we run on, and any number of processes followed with them: their threads, and the
/// children and threads they start later. All is detached when it is destroyed; the processes run on.
class ProgramTrace {
 public:
  /// Attaches as exactly as asked for and this kernel lets us. Throws Error.
  ProgramTrace(const TraceOptions& options, terminal::Progress& progress);
  ~ProgramTrace();

  /// A process of ours that waits for its execve, to become that program: from then on. Throws Error: no such process,
  /// not permitted.
  void follow_from_exec(pid_t pid, const std::string& program);
  /// Sees to it that running programs can be followed without further privileges.
  void watch_processors();
  /// Programs that run already, with all their threads and all processes that descend from them: from now on; of a
  /// cgroup or a name also those that come into it, or are called so, later. Says on standard error how many they are,
  /// where they are not the ones asked for by their numbers. Throws Error: as above.
  void follow(const Targets& targets);

  /// Takes what the kernel has gathered: to be called some ten times a second.
  void poll();

  /// All that moved since the trace began. Cheap enough for once a second.
  const timeline::Flows& flows();

  /// How well all that is known, as far as can be told before the end.
  timeline::EvidenceSet evidence() const;

  /// Ends the trace and fills the document: run, ledger, flows and events.
  void finish(timeline::Document& document);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zctrace::record
