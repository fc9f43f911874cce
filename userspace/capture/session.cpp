#include "userspace/capture/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <numeric>

#include "base/error.h"
#include "base/fd.h"
#include "base/limits.h"
#include "userspace/capture/bpf_object.h"
#include "userspace/capture/guest_command.h"
#include "userspace/capture/perf_event.h"
#include "userspace/capture/perf_program.h"
#include "userspace/capture/pid_namespace.h"
#include "userspace/capture/refusal.h"

namespace zctrace::capture {

namespace {

constexpr int kNotSupported = 524;  // ENOTSUPP: a function of more arguments than this kernel lets us hook (6.1: six)
/// Of a real-time kernel: tasks that are in the middle of something, or were lately; and of those that look up a name.
constexpr uint32_t kTasksKept = 16384, kNamesAtOnce = 256;

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
  const size_t bytes = bpf_map__value_size(map) * static_cast<size_t>(libbpf_num_possible_cpus());
  uint32_t entries = bpf_map__max_entries(map);
  std::vector<uint32_t> keys(entries);
  std::iota(keys.begin(), keys.end(), 0);
  const std::vector<char> nothing(bytes * entries);
  // Per processor from 5.13 on (f008d732ab18).
  if (bpf_map_update_batch(fd, keys.data(), nothing.data(), &entries, nullptr) == 0) return;
  for (const uint32_t key : keys) bpf_map_update_elem(fd, &key, nothing.data(), BPF_ANY);
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
  keep_warnings();
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
  if (preloaded_.programs.empty())
    load();
  else
    share_preloaded_data(bpf_->obj);
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
  log_.set_file(known ? disk.parts : std::vector<FilePart>());
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

uint64_t Session::begin_ns() const { return bpf_->bss->t_begin; }

uint64_t Session::end_ns() const {
  if (bpf_->bss->t_drained) return bpf_->bss->t_drained;
  return bpf_->bss->t_end ? bpf_->bss->t_end : now_ns();
}

}  // namespace zctrace::capture
