#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/cgroup.h"
#include "base/fd.h"
#include "bpf/record.h"
#include "userspace/capture/event_log.h"
#include "userspace/capture/features.h"
#include "userspace/capture/flow_table.h"
#include "userspace/capture/perf_program.h"
#include "userspace/capture/file_parts.h"
#include "userspace/capture/preloaded.h"
#include "userspace/capture/probes.h"
#include "userspace/capture/stack_table.h"

struct zctrace_bpf;
struct bpf_program;
struct ring_buffer;

namespace zctrace::capture {

/// How copies are seen.
enum class CopyMode {
  exact,     ///< breakpoints on the leaves, cross-checked by the all-ftrace sum
  fast,      ///< the all-ftrace sum alone
  inferred,  ///< tracepoints only: from the results of system calls
};

struct Options {
  CopyMode mode = CopyMode::exact;
  bool programs = false;                ///< any program, with its children, accounted by flows; else our own transfers
  bool kernel_tls = false;              ///< also of our own transfers
  bool requests = false;                ///< of io_uring, also of our own transfers
  bool stacks = false;                  ///< of copies
  bool own_only = false;                ///< processes: none with rights that are not this user's is followed
  uint32_t ring_bytes = ZC_RING_BYTES;  ///< power of two
  size_t max_events = 1'000'000;        ///< kept in memory, 112 bytes each; further ones are counted as lost
  std::vector<std::string> leave_out;   ///< hooks not to attach: how the tests make the cross-check fail
};

/// Where the payload lies: the whole disk's number, and extents in 512-byte sectors of it.
struct Disk {
  uint32_t major = 0, minor = 0;
  bool extents_known = false;
  uint64_t last_sector = 0, beyond = 0;  ///< the one with the last byte; bytes of it that are no payload
  std::vector<std::pair<uint64_t, uint64_t>> extents;
  std::vector<FilePart> parts;  ///< the same, as they lie in the file
};

/// One loaded and attached set of programs. Everything is gone when it is destroyed, or when the process dies; in a
/// guest of the lab, where nobody else has to bear with them, its hooks stay attached for the next session like it.
class Session {
 public:
  /// Loads and attaches. Errors: not_permitted where this user or kernel may not (with the reason).
  Session(const Options& options, const KernelFeatures& features);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Loads what the next session with the same options finds loaded then (preloaded.h), and attaches nothing.
  static void preload(const Options& options, const KernelFeatures& features);

  /// What the next targets write to: Sink::pipe, or other.
  void set_sink(Sink sink) { sink_ = sink; }
  /// Traces a process that stands at its gate (or, with ZC_NO_GATE, at once). Opens its breakpoints.
  /// `threads`: those it has; empty: one.
  void add_target(pid_t pid, zc_role role, int gate, const std::vector<pid_t>& threads = {});
  /// A process that waits to become a program: from its next execve on, children included. Opens its breakpoints.
  /// `program`: what it will become.
  void follow_from_exec(pid_t pid, const std::string& program);
  /// Processes that were not followed, or no longer, because of Options::own_only.
  uint64_t others() const;
  /// The processors' breakpoints, for programs that run already.
  void watch_processors();
  /// A process that runs already, with all its threads and, from now on, its children.
  void follow_running(pid_t pid);
  /// Processes that come into it (or one below it) from now on, until they leave it. All cgroups that are followed are
  /// of one hierarchy.
  void follow_cgroup(const Cgroup& cgroup);
  /// One that is in such a cgroup already.
  void follow_in_cgroup(pid_t pid);
  /// Processes that become a program of that name from now on.
  void follow_name(const std::string& name);
  /// All that become a program from now on. Never zctrace itself, nor what it starts.
  void follow_all();
  /// Opens the window for programs: from now on what they do is counted.
  void open_window();
  /// Looks whether a followed process has become a JVM since the last time: its own copies are counted from then on.
  void watch_new_jvms();
  /// How well the copies are known that traced JVMs made between arrays and native memory: none where there was no JVM,
  /// or one without probes; at_least where one had run before they were attached.
  timeline::Evidence array_copies_evidence() const;
  /// Keeps single events until so many are kept, and only for so long from now. Sums are not concerned.
  void keep_details(uint64_t events, uint64_t ns);
  /// What programs moved: takes the sums that the kernel has gathered since the last time. `all`: the last of them.
  FlowTable& take_flows(bool all);
  /// Did so many flows and names come since then that the kernel's tables might be full before a second is over?
  bool fills_quickly() const;
  /// Which code copied, where that was asked for: follows what stacks there are since the last time.
  void take_stacks();
  /// Names all stacks that the flows have, and gives them to the document. The hooks must still be there.
  void write_stacks(timeline::Ledger& ledger) const;
  /// Per kind: events that are not kept because of keep_details().
  std::vector<uint64_t> left_out() const;
  /// False where the payload's place is unknown, or in too many extents: then requests are attributed by the task
  /// that issued them.
  bool set_disk(const Disk& disk);
  void set_device(const std::string& name, bool dma);

  /// Hits per hook while counting: for the self-test.
  void count_hits(bool on);
  std::vector<uint64_t> hits() const;
  /// Forgets all sums, targets and records: after the self-test.
  void reset();

  /// Takes what is in the ring; waits up to `timeout_ms` where it is empty.
  void poll(int timeout_ms);
  void close_window();
  /// System calls are not seen any more: for the kernel to take their programs off lasts longest of all, and it can be
  /// done before the sums are read.
  void take_off_tracepoints();

  const Options& options() const { return options_; }
  const std::vector<Probe>& attached() const { return attached_; }
  const std::vector<Probe>& missing() const { return missing_; }
  /// The attached function behind a probe id, or the table's name.
  std::string name(unsigned probe) const;
  void move_events_to(timeline::Document& document) { log_.move_to(document, begin_ns()); }
  /// Hooks of which the kernel skipped runs between reset() and close_window(), because the program was running on that
  /// CPU already, without those that a second program made. Counted since 5.12 (9ed9e9ba2337).
  std::vector<std::pair<Probe, uint64_t>> skipped() const;

  struct Edge {
    zc_edge edge;
    zc_moved moved;
  };
  std::vector<Edge> edges() const;
  /// Numbers of system calls whose entry and return were both seen, and how many.
  std::vector<std::pair<unsigned, uint64_t>> syscalls(zc_role role) const;
  /// Per role: enum zc_sum.
  uint64_t sum(zc_role role, zc_sum sum) const;
  /// Per kind: lost in the ring, dropped here for want of memory, or never seen to end.
  std::vector<uint64_t> lost() const;
  uint64_t begin_ns() const;
  uint64_t end_ns() const;  ///< the empty send queue, else the last byte handed over, else now

 private:
  struct Unattached {};
  Session(const Options& options, const KernelFeatures& features, Unattached);
  void choose(const KernelFeatures& features);
  void load();
  /// Maps and variables of a session before it, whose hooks were idle since.
  void forget_all_before();
  /// What it keeps with tasks of sessions before it, or of the self-test.
  void forget_tasks();
  /// What tasks know of the map of targets is of no use any more.
  void targets_changed();
  void leave_attached();
  bpf_program* in_object(const Probe& probe) const;
  int program_of(const Probe& probe) const;  ///< its descriptor
  void attach();
  void open_tables();
  int attach_link(const Probe& probe);
  void open_breakpoints(pid_t pid, int cpu);
  /// `from_start`: it has not run yet, or not been traced.
  void watch_jvm(const std::string& library, bool from_start);
  bool attach_to_jvm(const std::string& library);
  uint32_t put_target(pid_t pid, zc_target target);
  void follow_now(pid_t pid, bool by_cgroup);
  uint32_t target_key(pid_t pid) const;
  static int on_record(void* self, void* data, size_t bytes);
  uint64_t unfinished_requests() const;
  std::vector<uint64_t> recursion_misses() const;
  std::vector<uint64_t> count_kinds(__u64 (zc_counters::*kinds)[ZC_KINDS]) const;

  Options options_;
  Sink sink_ = Sink::other;
  const uint32_t pid_namespace_;
  const KernelSymbols& symbols_;
  zctrace_bpf* bpf_ = nullptr;
  Named links_;                  ///< by the program's name
  std::vector<PerfProgram> perf_programs_, task_programs_;
  Preloaded preloaded_;  ///< what was there when we came
  Fd process_numbers_;   ///< in a container: its processes' numbers as the hooks see them
  std::vector<Probe> attached_, missing_;
  ring_buffer* ring_ = nullptr;
  EventLog log_;
  std::vector<uint64_t> skipped_before_, skipped_after_;
  std::unique_ptr<FlowTable> flows_;
  std::unique_ptr<StackTable> stacks_;
  std::vector<Probe> jvm_hooks_;                  ///< loaded, and attached where there is a JVM
  std::set<std::pair<uint64_t, uint64_t>> jvms_;  ///< the libraries they are attached to, by device and inode
  bool jvm_seen_ = false,
       jvm_unseen_ = false;  ///< a traced JVM ran with them; one ran without, or until they were there
  uint64_t others_ = 0;      ///< that ran already
  uint32_t execs_ = 0;       ///< the kernel's count, when watch_new_jvms() looked last
};

}  // namespace zctrace::capture
