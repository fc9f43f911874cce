#include "userspace/capture/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/running.h"
#include "userspace/capture/bpf_object.h"
#include "userspace/capture/guest_command.h"
#include "userspace/capture/jvm.h"
#include "userspace/capture/perf_event.h"
#include "userspace/capture/perf_program.h"
#include "userspace/capture/pid_namespace.h"
#include "userspace/capture/scoped_sched_fifo.h"

namespace zctrace::capture {

namespace {

constexpr int kNotSupported = 524;  // ENOTSUPP: a function of more arguments than this kernel lets us hook (6.1: six)
/// Of a real-time kernel: tasks that are in the middle of something, or were lately; and of those that look up a name.
constexpr uint32_t kTasksKept = 16384, kNamesAtOnce = 256;
/// libbpf's last words: its warnings explain a refused load better than errno does.
std::string last_warning;

int keep_warning(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char* text = nullptr;
  if (vasprintf(&text, format, arguments) < 0) return 0;
  if (last_warning.empty()) last_warning = text;
  if (getenv("ZCTRACE_DEBUG")) fputs(text, stderr);  // with the verifier's log
  free(text);
  return 0;
}

[[noreturn]] void refuse(const std::string& what, int error) {
  std::string reason = strerror(error);
  const std::string first = last_warning.substr(0, last_warning.find('\n'));
  if (!first.empty()) reason += "; " + first;
  // EACCES is the verifier's word. The types of modules are for CAP_SYS_ADMIN only, and libbpf makes EINVAL of that.
  const bool permission = error == EPERM || first.find("failed to iterate BTF objects: -1") != first.npos;
  throw Error(permission ? ExitStatus::not_permitted : ExitStatus::failed, what + ": " + reason,
              permission        ? std::string("run it as root (sudo), or in the lab: zctrace run ... --kernel 6.12")
              : error == EMFILE ? std::string("ulimit -n 1024")
              : error == ENOMEM ? std::string("give it more memory: ulimit -v, or the limit of its cgroup")
                                : std::string("zctrace doctor"));
}

bool wanted(Layer layer, const Options& options) {
  const auto [mode, programs] = std::pair(options.mode, options.programs);
  const bool requests = options.programs || options.requests;
  switch (layer) {
    case Layer::call:
    case Layer::fault:
    case Layer::sched:
    case Layer::softirq:
    case Layer::disk:
    case Layer::transmit:
      return true;
    case Layer::process:
      return programs;
    case Layer::completion:
      return requests;
    case Layer::jvm:
      return mode != CopyMode::inferred;
    case Layer::request:
      return requests && mode != CopyMode::inferred;
    case Layer::memory_disk:
    case Layer::rename:
      return programs && mode != CopyMode::inferred;
    case Layer::tls:
      return (programs || options.kernel_tls) && mode != CopyMode::inferred;
    case Layer::submission:
      return requests && mode == CopyMode::inferred;
    case Layer::announced:
      return mode == CopyMode::exact && !programs;
    case Layer::leaf:
      return mode == CopyMode::exact;
    case Layer::receiver:
      return mode == CopyMode::inferred;
    case Layer::socket_buffer:
    case Layer::second_run:
    case Layer::frame:
    case Layer::sum:
    case Layer::reference:
      return mode != CopyMode::inferred;
  }
  return false;
}

void empty(const bpf_map* map) {
  const int fd = bpf_map__fd(map);
  std::vector<char> key(bpf_map__key_size(map));
  while (bpf_map_get_next_key(fd, nullptr, key.data()) == 0 && bpf_map_delete_elem(fd, key.data()) == 0) {
  }
}

void empty_array(const bpf_map* map) {
  const int fd = bpf_map__fd(map);
  const std::vector<char> nothing(bpf_map__value_size(map) * static_cast<size_t>(libbpf_num_possible_cpus()));
  for (uint32_t i = 0; i < bpf_map__max_entries(map); i++) bpf_map_update_elem(fd, &i, nothing.data(), BPF_ANY);
}

zc_target target_of(zc_role role, int gate, zc_stage stage) {
  zc_target target{};
  target.role = role;
  target.gate = gate;
  target.stage = stage;
  return target;
}

uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

Session::Session(const Options& options, const KernelFeatures& features, Unattached)
    : options_(options),
      pid_namespace_(own_pid_namespace()),
      symbols_(features.symbols()),
      log_(options.max_events, [this](unsigned probe) { return name(probe); }) {
  libbpf_set_print(keep_warning);
  last_warning.clear();
  // Before 5.11 maps count against this limit.
  raise_limit(RLIMIT_MEMLOCK, RLIM_INFINITY);

  bpf_ = open_bpf_object();
  if (!bpf_) refuse("cannot open the BPF object", errno);
  choose(features);
}

Session::Session(const Options& options, const KernelFeatures& features) : Session(options, features, Unattached{}) {
  if (options_.leave_out.empty() && is_first_pid_namespace(pid_namespace_))
    preloaded_ = adopt_preloaded(preloaded_folder(options_), bpf_->obj);
  const auto initial = *bpf_->data;
  load();
  if (!preloaded_.programs.empty()) share_preloaded_data(bpf_->obj);
  if (!preloaded_.links.empty()) {
    *bpf_->data = initial;
    forget_all_before();
  }
  forget_tasks();
  bpf_->bss->own_only = options_.own_only;
  attach();
  ring_buffer__consume(ring_);
  log_.clear();
}

Session::~Session() {
  if (is_guest_command()) {
    static std::vector<Named> links_with_the_guest;
    static std::vector<std::vector<PerfProgram>> with_the_guest;
    links_with_the_guest.push_back(std::move(links_));
    with_the_guest.push_back(std::move(perf_programs_));
    with_the_guest.push_back(std::move(task_programs_));
    return;
  }
  task_programs_.clear();
  if (ring_ && in_lab()) leave_attached();
  ring_buffer__free(ring_);
  take_off(std::move(perf_programs_));
  links_.clear();
  zctrace_bpf__destroy(bpf_);
}

void Session::preload(const Options& options, const KernelFeatures& features) {
  Session session(options, features, Unattached{});
  session.load();
  pin_for_later(preloaded_folder(options), session.bpf_->obj, {}, {});
}

void Session::leave_attached() {
  if (!options_.leave_out.empty() || !is_first_pid_namespace(pid_namespace_)) return;
  empty(bpf_->maps.targets);
  targets_changed();
  empty(bpf_->maps.sockets);
  bpf_->bss->wants_cgroups = bpf_->bss->wants_names = bpf_->bss->wants_all = 0;
  try {
    pin_for_later(preloaded_folder(options_), bpf_->obj, preloaded_, links_);
  } catch (const Error&) {  // they are detached, then: two sessions at once, say
  }
}

void Session::forget_all_before() {
  // What CPUs are in the middle of is in arrays, and stays: their hooks were attached all the time.
  bpf_map* map;
  bpf_object__for_each_map(map, bpf_->obj) {
    const bpf_map_type type = bpf_map__type(map);
    if (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_PERCPU_HASH) empty(map);
  }
  empty_array(bpf_->maps.syscalls);
  memset(bpf_->bss, 0, sizeof *bpf_->bss);
}

void Session::targets_changed() { __atomic_fetch_add(&bpf_->bss->target_changes, 1, __ATOMIC_SEQ_CST); }

// What is kept with tasks cannot be emptied from here.
void Session::forget_tasks() { bpf_->bss->session = static_cast<uint32_t>(now_ns() >> 10) | 1; }

void Session::load() {
  if (const int error = zctrace_bpf__load(bpf_)) refuse("the kernel refused the BPF programs", -error);
}

bpf_program* Session::in_object(const Probe& probe) const {
  return bpf_object__find_program_by_name(bpf_->obj, probe.program);
}

int Session::program_of(const Probe& probe) const {
  for (const auto& [name, fd] : preloaded_.programs)
    if (name == probe.program) return fd.get();
  return bpf_program__fd(in_object(probe));
}

void Session::choose(const KernelFeatures& features) {
  bpf_program* program;
  bpf_object__for_each_program(program, bpf_->obj) bpf_program__set_autoload(program, false);

  for (const Probe& probe : probes()) {
    if (!wanted(probe.layer, options_)) continue;
    if (!probe.when.holds(features)) continue;
    const bool left_out = std::ranges::find(options_.leave_out, probe.target) != options_.leave_out.end();
    if (!is_there(probe, features) || left_out) {
      missing_.push_back(probe);
      continue;
    }
    bpf_program__set_autoload(in_object(probe), true);
    attached_.push_back(probe);
  }

  auto* constants = bpf_->rodata;
  const auto set_arity = [&](auto& constant, const char* function) {
    const int found = symbols_.arity(function);
    if (found >= 0) constant = static_cast<uint32_t>(found);
  };
  set_arity(constants->arity_of_skb_splice_from_iter, "skb_splice_from_iter");
  set_arity(constants->arity_of_skb_zerocopy_iter_stream, "skb_zerocopy_iter_stream");
  set_arity(constants->arity_of_generic_perform_write, "generic_perform_write");
  set_arity(constants->arity_of_iomap_file_buffered_write, "iomap_file_buffered_write");
  set_arity(constants->arity_of_vfs_rename, "vfs_rename");
  set_arity(constants->arity_of_udp_recvmsg, "udp_recvmsg");
  constants->block_rq_argument = features.has(Feature::request_only_tracepoints) ? 0 : 1;
  constants->block_bio_argument = symbols_.tracepoint_arity("block_bio_queue") < 2 ? 0 : 1;
  constants->journalled_aops = symbols_.data(kJournalledOperations);
  constants->uring_completes_entry = symbols_.tracepoint_arity("io_uring_complete") == 3;
  constants->real_time = features.has(Feature::real_time);
  constants->hold_cpus = features.has(Feature::held_processors);
  constants->keep_with_tasks = features.has(Feature::task_storage) || features.has(Feature::lone_task_storage);
  constants->reads_types = features.has(Feature::typed_reads);
  if (constants->keep_with_tasks) {
    bpf_map__set_max_entries(bpf_->maps.calls, 1);
    bpf_map__set_autocreate(bpf_->maps.tasks, true);
  }
  if (constants->real_time) {
    for (bpf_map* map : {bpf_->maps.states_of_tasks, bpf_->maps.disks_of_tasks})
      bpf_map__set_max_entries(map, kTasksKept);
    bpf_map__set_max_entries(bpf_->maps.new_names_of_tasks, kNamesAtOnce);
  }
  constants->sum_is_timeline = options_.mode == CopyMode::fast;
  constants->infer_from_calls = options_.mode == CopyMode::inferred;
  constants->follow_programs = options_.programs;
  constants->follow_requests = options_.programs || options_.requests;
  const auto of_tls = [](const Probe& probe) { return probe.layer == Layer::tls; };
  constants->sees_tls = std::ranges::any_of(attached_, of_tls) && std::ranges::none_of(missing_, of_tls);
  constants->pid_namespace = pid_namespace_;
  constants->is_first_namespace = is_first_pid_namespace(pid_namespace_);
  constants->keep_stacks = options_.stacks;
  if (options_.stacks) {
    bpf_map__set_max_entries(bpf_->maps.stacks, ZC_MAX_STACKS);
    bpf_map__set_max_entries(bpf_->maps.copiers, ZC_MAX_COPIERS);
  }
  bpf_program__set_autoload(bpf_->progs.number_processes, !is_first_pid_namespace(pid_namespace_));
  bpf_map__set_max_entries(bpf_->maps.records, options_.ring_bytes);
}

/// A link's descriptor, or -1 with errno.
int Session::attach_link(const Probe& probe) {
  const bool by_name = probe.kind == Kind::tracepoint;  // the other programs were loaded for what they are set on
  const int link = bpf_raw_tracepoint_open(by_name ? probe.target.c_str() : nullptr, program_of(probe));
  if (link < 0) errno = -link;
  return link;
}

void Session::attach() {
  if (!is_first_pid_namespace(pid_namespace_)) {
    const int link = bpf_link_create(bpf_program__fd(bpf_->progs.number_processes), 0, BPF_TRACE_ITER, nullptr);
    if (link < 0) refuse("cannot learn the host's numbers of this PID namespace's processes", -link);
    process_numbers_ = Fd(link);
  }
  for (const Probe& probe : attached_) {
    if (probe.kind == Kind::breakpoint) continue;  // per task: add_target
    if (probe.kind == Kind::uprobe) continue;      // per JVM: attach_to_jvm
    const auto left = std::ranges::find(preloaded_.links, probe.program, &Named::value_type::first);
    if (left != preloaded_.links.end()) {
      links_.push_back(std::move(*left));
      continue;
    }
    const std::filesystem::path section = bpf_program__section_name(in_object(probe));  // "tp/CATEGORY/NAME"
    const bool event = probe.kind == Kind::perf_tracepoint;
    PerfProgram set;
    Fd link;
    if (event)
      set = set_on_event(Fd(open_tracepoint(section.parent_path().filename(), probe.target)), program_of(probe));
    else
      link.reset(attach_link(probe));
    // A kernel without cgroups has no tracepoint of theirs.
    const bool there = link || set.event;
    if (!there && (errno == kNotSupported || (errno == ENOENT && probe.layer == Layer::process))) {
      missing_.push_back(probe);
      continue;
    }
    if (!there) refuse(std::string("cannot attach to ") + probe.target, errno);
    if (event)
      perf_programs_.push_back(std::move(set));
    else
      links_.emplace_back(probe.program, std::move(link));
  }
  const auto of_jvm = [](const Probe& probe) { return probe.kind == Kind::uprobe; };
  std::ranges::copy_if(attached_, std::back_inserter(jvm_hooks_), of_jvm);
  std::erase_if(attached_, of_jvm);
  std::erase_if(attached_, [&](const Probe& probe) {
    return std::ranges::any_of(missing_, [&](const Probe& row) { return row.program == probe.program; });
  });
  if (options_.programs) {
    const auto fd = [](bpf_map* map) { return bpf_map__fd(map); };
    auto& maps = bpf_->maps;
    flows_ = std::make_unique<FlowTable>(
        FlowMaps{fd(maps.flows), fd(maps.buffers), fd(maps.pipes), fd(maps.names), fd(maps.writers), fd(maps.processes),
                 &bpf_->bss->generation, &bpf_->bss->renames, options_.stacks ? fd(maps.copiers) : -1},
        options_.mode == CopyMode::inferred);
    if (options_.stacks) stacks_ = std::make_unique<StackTable>(fd(maps.stacks));
  }
  ring_ = ring_buffer__new(bpf_map__fd(bpf_->maps.records), on_record, this, nullptr);
  if (!ring_) refuse("cannot map the ring buffer", errno);
  skipped_before_ = recursion_misses();
}

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
  for (size_t i = 0; i < jvm_hooks_.size(); i++) {
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

timeline::Evidence Session::array_copies_evidence() const {
  if (!jvm_seen_) return timeline::Evidence::none;
  return jvm_unseen_ ? timeline::Evidence::at_least : timeline::Evidence::exact;
}

void Session::open_window() {
  bpf_->bss->t_begin = now_ns();
  bpf_->bss->window = ZC_WINDOW_TRANSFER;
}

void Session::keep_details(uint64_t events, uint64_t ns) {
  bpf_->data->detail_events = events;
  const uint64_t now = now_ns();
  bpf_->data->detail_until = ns > ~now ? ~uint64_t{0} : now + ns;
}

FlowTable& Session::take_flows(bool all) {
  bpf_->bss->new_entries = 0;
  flows_->take(now_ns(), all);
  return *flows_;
}

bool Session::fills_quickly() const { return bpf_->bss->new_entries > ZC_MAX_NAMES / 4; }

void Session::take_stacks() {
  if (stacks_) stacks_->take();
}

void Session::write_stacks(timeline::Ledger& ledger) const {
  if (!stacks_ || !ledger.flows) return;
  ledger.copy_stacks = stacks_->stacks(*ledger.flows, [this](unsigned probe) { return name(probe); });
  ledger.copy_stacks->at_calls = options_.mode == CopyMode::inferred;
  ledger.copy_stacks->lost = sum(ZC_SENDER, ZC_S_STACKS_LOST) + sum(ZC_RECEIVER, ZC_S_STACKS_LOST);
}

std::vector<uint64_t> Session::left_out() const { return count_kinds(&zc_counters::left_out); }

bool Session::set_disk(const Disk& disk) {
  const bool known = disk.extents_known && disk.extents.size() <= ZC_MAX_EXTENTS;
  bpf_->bss->disk_major = disk.major;
  bpf_->bss->disk_minor = disk.minor;
  bpf_->bss->extents_known = known;
  bpf_->bss->last_sector = disk.last_sector;
  bpf_->bss->beyond_payload = disk.beyond;
  bpf_->bss->extent_count = known ? static_cast<uint32_t>(disk.extents.size()) : 0;
  for (uint32_t i = 0; known && i < disk.extents.size(); i++) {
    const zc_extent extent{disk.extents[i].first, disk.extents[i].second};
    bpf_map_update_elem(bpf_map__fd(bpf_->maps.extents), &i, &extent, BPF_ANY);
  }
  return known;
}

void Session::set_device(const std::string& name, bool dma) {
  log_.set_device(name);
  bpf_->data->nic_by = dma ? ZC_DMA : ZC_REFERENCE;
}

void Session::count_hits(bool on) { bpf_->bss->counting_hits = on; }

void Session::reset() {
  task_programs_.clear();
  auto& maps = bpf_->maps;
  for (bpf_map* map : {maps.targets, maps.processes, maps.sockets, maps.zerocopies, maps.calls, maps.async_calls,
                       maps.multishots, maps.mapped, maps.off_cpus, maps.on_cpus, maps.requests, maps.writers,
                       maps.states_of_tasks, maps.disks_of_tasks, maps.edges})
    empty(map);
  empty_array(maps.syscalls);
  forget_tasks();
  auto* state = bpf_->bss;
  for (zc_counters& counters : state->counters) counters = {};
  std::ranges::fill(state->made_good, 0);
  state->window = ZC_WINDOW_BEFORE;
  state->t_begin = state->t_end = state->t_drained = 0;
  ring_buffer__consume(ring_);
  log_.clear();
  jvm_seen_ = jvm_unseen_ = false;
  skipped_before_ = recursion_misses();
  skipped_after_.clear();
}

int Session::on_record(void* self, void* data, size_t bytes) {
  zc_record record{};  // a short one ends before its folded copies
  memcpy(&record, data, std::min(bytes, sizeof record));
  static_cast<Session*>(self)->log_.add(record);
  return 0;
}

void Session::poll(int timeout_ms) {
  if (stacks_) stacks_->poll();
  ring_buffer__poll(ring_, timeout_ms);
  ring_buffer__consume(ring_);  // most records come without a wake-up
}

void Session::close_window() {
  bpf_->bss->window = ZC_WINDOW_CLOSED;
  skipped_after_ = recursion_misses();
  ring_buffer__consume(ring_);
}

void Session::take_off_tracepoints() {
  if (!is_guest_command()) take_off(std::exchange(perf_programs_, {}));
}

std::string Session::name(unsigned probe) const {
  for (const Probe& row : attached_)
    if (row.id == probe) return row.target;
  return name_of(static_cast<zc_probe>(probe));
}

std::vector<uint64_t> Session::recursion_misses() const {
  std::vector<uint64_t> misses;
  for (const Probe& probe : attached_) {
    bpf_prog_info info{};
    uint32_t bytes = sizeof info;
    const int fd = program_of(probe);
    misses.push_back(bpf_obj_get_info_by_fd(fd, &info, &bytes) == 0 ? info.recursion_misses : 0);
  }
  return misses;
}

std::vector<std::pair<Probe, uint64_t>> Session::skipped() const {
  const std::vector<uint64_t> now = skipped_after_.empty() ? recursion_misses() : skipped_after_;
  std::vector<std::pair<Probe, uint64_t>> hooks;
  for (size_t i = 0; i < now.size(); i++) {
    if (attached_[i].layer == Layer::second_run) continue;
    const uint64_t before = skipped_before_[i] + bpf_->bss->made_good[attached_[i].id];
    if (now[i] > before) hooks.emplace_back(attached_[i], now[i] - before);
  }
  return hooks;
}

std::vector<uint64_t> Session::count_kinds(__u64 (zc_counters::*kinds)[ZC_KINDS]) const {
  std::vector<uint64_t> counts(ZC_KINDS);
  for (const zc_counters& counters : bpf_->bss->counters)
    for (size_t kind = 0; kind < counts.size(); kind++) counts[kind] += (counters.*kinds)[kind];
  return counts;
}

std::vector<uint64_t> Session::hits() const { return {std::begin(bpf_->bss->hits), std::end(bpf_->bss->hits)}; }

uint64_t Session::unfinished_requests() const {
  const ScopedSchedFifo fifo;
  const int fd = bpf_map__fd(bpf_->maps.requests);
  uint64_t key = 0, count = 0;
  zc_disk_request request{};
  for (const uint64_t* previous = nullptr; bpf_map_get_next_key(fd, previous, &key) == 0; previous = &key)
    if (bpf_map_lookup_elem(fd, &key, &request) == 0 && request.payload != 0) count++;
  return count;
}

std::vector<uint64_t> Session::lost() const {
  std::vector<uint64_t> counts = count_kinds(&zc_counters::lost);
  for (size_t kind = 0; kind < counts.size(); kind++) counts[kind] += log_.dropped()[kind];
  counts[ZC_K_DISK] += unfinished_requests();
  return counts;
}

uint64_t Session::sum(zc_role role, zc_sum sum) const {
  uint64_t all = 0;
  for (const zc_counters& counters : bpf_->bss->counters) all += counters.sums[role][sum];
  return all;
}

std::vector<Session::Edge> Session::edges() const {
  const ScopedSchedFifo fifo;
  const int fd = bpf_map__fd(bpf_->maps.edges);
  std::vector<Edge> found;
  std::vector<zc_moved> values(static_cast<size_t>(libbpf_num_possible_cpus()));
  zc_edge key, next;
  for (zc_edge* at = nullptr; bpf_map_get_next_key(fd, at, &next) == 0; at = &key) {
    key = next;
    if (bpf_map_lookup_elem(fd, &key, values.data())) continue;
    Edge edge{key, {}};
    for (const zc_moved& value : values) {
      edge.moved.bytes += value.bytes;
      edge.moved.calls += value.calls;
    }
    found.push_back(edge);
  }
  return found;
}

std::vector<std::pair<unsigned, uint64_t>> Session::syscalls(zc_role role) const {
  const int fd = bpf_map__fd(bpf_->maps.syscalls);
  std::vector<std::pair<unsigned, uint64_t>> found;
  std::vector<uint64_t> values(static_cast<size_t>(libbpf_num_possible_cpus()));
  for (const unsigned table : {0u, unsigned{ZC_COMPAT_CALL}})
    for (unsigned number = 0; number < ZC_SYSCALL_NUMBERS; number++) {
      const uint32_t slot = zc_syscall_slot(role, table | number);
      if (bpf_map_lookup_elem(fd, &slot, values.data())) continue;
      const uint64_t count = std::accumulate(values.begin(), values.end(), uint64_t{0});
      if (count != 0) found.emplace_back(table | number, count);
    }
  return found;
}

uint64_t Session::begin_ns() const { return bpf_->bss->t_begin; }

uint64_t Session::end_ns() const {
  if (bpf_->bss->t_drained) return bpf_->bss->t_drained;
  return bpf_->bss->t_end ? bpf_->bss->t_end : now_ns();
}

}  // namespace zctrace::capture
