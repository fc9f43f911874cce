#include "userspace/capture/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/fd.h"
#include "base/limits.h"
#include "userspace/capture/bpf_object.h"
#include "userspace/capture/guest_command.h"
#include "userspace/capture/perf_program.h"
#include "userspace/capture/pid_namespace.h"
#include "userspace/capture/refusal.h"

namespace zctrace::capture {

namespace {

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
  open_tables();
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

void Session::open_tables() {
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
