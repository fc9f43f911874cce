// What was counted, as the maps have it.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <numeric>

#include "userspace/capture/bpf_object.h"
#include "userspace/capture/scoped_sched_fifo.h"
#include "userspace/capture/session.h"

namespace zctrace::capture {

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

}  // namespace zctrace::capture
