// Who is traced: processes, cgroups, names, and the JVMs among them.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/running.h"
#include "userspace/capture/bpf_object.h"
#include "userspace/capture/jvm.h"
#include "userspace/capture/perf_event.h"
#include "userspace/capture/perf_program.h"
#include "userspace/capture/pid_namespace.h"
#include "userspace/capture/refusal.h"
#include "userspace/capture/scoped_sched_fifo.h"
#include "userspace/capture/session.h"

namespace zctrace::capture {

namespace {

zc_target target_of(zc_role role, int gate, zc_stage stage) {
  zc_target target{};
  target.role = role;
  target.gate = gate;
  target.stage = stage;
  return target;
}

}  // namespace

void Session::open_breakpoints(pid_t pid, int cpu) {
  for (const Probe& probe : attached_) {
    if (probe.kind != Kind::breakpoint || (probe.sink != Sink::any && probe.sink != sink_)) continue;
    const int event = open_breakpoint(pid, cpu, symbols_.address(probe.target));
    if (event < 0) {
      if (errno == ENODEV) return;  // a processor that is not there now
      const std::string where = std::string("cannot set a breakpoint on ") + probe.target;
      if (errno == ENOSPC)
        throw Error(ExitStatus::failed, where + ": all four debug registers are taken (a debugger's watchpoint?)",
                    "--copies fast counts without breakpoints");
      refuse(where, errno);
    }
    PerfProgram set = set_on_event(Fd(event), program_of(probe));
    if (!set.event) refuse(std::string("cannot attach to the breakpoint on ") + probe.target, errno);
    task_programs_.push_back(std::move(set));
  }
}

void Session::add_target(pid_t pid, zc_role role, int gate, const std::vector<pid_t>& threads) {
  put_target(pid, target_of(role, gate, gate == ZC_NO_GATE ? ZC_MOVING : ZC_WAITING));
  watch_jvm(jvm_of_process(pid), true);
  open_breakpoints(pid, -1);
  // A set sees the threads that its own one starts from now on.
  for (const pid_t thread : threads)
    if (thread != pid) open_breakpoints(thread, -1);
}

uint32_t Session::target_key(pid_t pid) const {
  if (!process_numbers_) return static_cast<uint32_t>(pid);
  const Fd iterator(bpf_iter_create(process_numbers_.get()));
  if (!iterator) refuse("cannot look through the processes", errno);
  return static_cast<uint32_t>(number_in_first_namespace(iterator.get(), pid));
}

uint32_t Session::put_target(pid_t pid, zc_target target) {
  const uint32_t key = target_key(pid);
  if (key == 0 && is_running(pid))
    throw Error(ExitStatus::failed, "process " + std::to_string(pid) + " is not in zctrace's PID namespace");
  target.process = {key, 0};
  zc_process_facts facts{};
  name_of_process(pid).copy(facts.name, sizeof facts.name - 1);
  facts.here = static_cast<uint32_t>(pid);
  facts.cgroup = cgroup_id_of(pid);
  const ScopedSchedFifo fifo;
  // One that is followed already keeps what the hooks know of it.
  const bool runs = target.gate == ZC_NO_GATE && target.stage == ZC_MOVING;
  const int error =
      bpf_map_update_elem(bpf_map__fd(bpf_->maps.targets), &key, &target, runs ? BPF_NOEXIST : BPF_ANY) ? errno : 0;
  if (error != 0 && error != EEXIST) refuse("cannot add the process to the trace", error);
  targets_changed();
  if (error == 0) bpf_map_update_elem(bpf_map__fd(bpf_->maps.processes), &target.process, &facts, BPF_ANY);
  return key;
}

void Session::follow_from_exec(pid_t pid, const std::string& program) {
  open_breakpoints(pid, -1);
  watch_jvm(jvm_of_command(program), true);
  put_target(pid, target_of(ZC_SENDER, ZC_NO_GATE, ZC_WAITING));
}

// Of a program that runs already, threads come and go while we look: whether a new one is watched by its parent's
// breakpoints could not be known. There they are the processors', and everybody's.
void Session::watch_processors() {
  for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) open_breakpoints(-1, cpu);
}

void Session::follow_running(pid_t pid) { follow_now(pid, false); }

uint64_t Session::others() const { return others_ + sum(ZC_SENDER, ZC_S_OTHERS); }

void Session::follow_in_cgroup(pid_t pid) { follow_now(pid, true); }

void Session::follow_now(pid_t pid, bool by_cgroup) {
  const auto is_others = [&] {
    if (!options_.own_only || may_inspect(pid)) return false;
    ++others_;
    return true;
  };
  if (is_others()) return;
  watch_jvm(jvm_of_process(pid), true);
  if (stacks_) stacks_->add_running(pid);
  zc_target target = target_of(ZC_SENDER, ZC_NO_GATE, ZC_MOVING);
  target.by_cgroup = by_cgroup;
  const uint32_t key = put_target(pid, target);
  // Where it ended before it was a target, nobody would take it out, and its number may soon be another's. Or it has got
  // another's rights meanwhile.
  if (is_running(pid) && !is_others()) return;
  bpf_map_delete_elem(bpf_map__fd(bpf_->maps.targets), &key);
  targets_changed();
}

void Session::follow_cgroup(const Cgroup& cgroup) {
  const zc_cgroup key{cgroup.id, cgroup.hierarchy, 0};
  const uint32_t wanted = 1;
  const ScopedSchedFifo fifo;
  if (bpf_map_update_elem(bpf_map__fd(bpf_->maps.wanted_cgroups), &key, &wanted, BPF_ANY))
    refuse("cannot follow the cgroup " + cgroup.path, errno);
  bpf_->bss->own_tgid = target_key(getpid());
  bpf_->bss->wants_cgroups = cgroup.hierarchy + 1;
}

void Session::follow_name(const std::string& name) {
  zc_comm key{};
  name.copy(key.name, sizeof key.name - 1);
  const uint32_t wanted = 1;
  const ScopedSchedFifo fifo;
  if (bpf_map_update_elem(bpf_map__fd(bpf_->maps.wanted_names), &key, &wanted, BPF_ANY))
    refuse("cannot follow processes called " + name, errno);
  bpf_->bss->own_tgid = target_key(getpid());
  bpf_->bss->wants_names = 1;
}

void Session::follow_all() {
  bpf_->bss->own_tgid = target_key(getpid());
  bpf_->bss->wants_all = 1;
}

void Session::watch_jvm(const std::string& library, bool from_start) {
  struct stat file;
  if (library.empty() || stat(library.c_str(), &file)) return;
  if (!jvms_.contains({file.st_dev, file.st_ino})) {
    if (!attach_to_jvm(library)) {
      jvm_unseen_ = true;
      return;
    }
    jvms_.insert({file.st_dev, file.st_ino});
    jvm_unseen_ = jvm_unseen_ || !from_start;
  }
  jvm_seen_ = true;
}

/// To all processes that have it mapped; the programs look whether they are traced.
bool Session::attach_to_jvm(const std::string& library) {
  const auto probes = probes_of_jvm(library);
  if (!probes || jvm_hooks_.size() != 2) return false;
  const JvmProbe* const found[] = {&probes->set, &probes->get};
  for (size_t i = 0; i < std::size(found); i++) {
    zc_jvm_operand& operand = bpf_->bss->jvm_lengths[i];
    const ProbeOperand& length = found[i]->length;
    const zc_jvm_operand wanted{length.reg, length.displacement, length.in_memory, 0};
    // One program reads all JVMs' arguments.
    if (!jvms_.empty() && memcmp(&operand, &wanted, sizeof wanted) != 0) return false;
    operand = wanted;
  }
  for (size_t i = 0; i < std::size(found); i++) {
    PerfProgram set = set_on_event(Fd(open_uprobe(library, found[i]->offset)), program_of(jvm_hooks_[i]));
    if (!set.event) return false;
    perf_programs_.push_back(std::move(set));
    if (!jvms_.empty()) continue;
    attached_.push_back(jvm_hooks_[i]);
    skipped_before_.push_back(0);
  }
  return true;
}

void Session::watch_new_jvms() {
  const uint32_t execs = bpf_->bss->execs;
  if (execs == execs_ || jvm_hooks_.empty()) return;
  execs_ = execs;
  const int fd = bpf_map__fd(bpf_->maps.targets);
  uint32_t pid = 0;
  // In a PID namespace the hooks' numbers are not those of our /proc; then some other process is looked at, or none.
  for (const uint32_t* previous = nullptr; bpf_map_get_next_key(fd, previous, &pid) == 0; previous = &pid)
    watch_jvm(jvm_of_command(fmt::format("/proc/{}/exe", pid)), false);
}

}  // namespace zctrace::capture
