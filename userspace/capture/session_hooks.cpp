// Which hooks a session has on this kernel, and how they are attached.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "userspace/capture/bpf_object.h"
#include "userspace/capture/perf_event.h"
#include "userspace/capture/pid_namespace.h"
#include "userspace/capture/refusal.h"
#include "userspace/capture/session.h"

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

}  // namespace

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
}

}  // namespace zctrace::capture
