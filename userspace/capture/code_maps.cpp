#include "userspace/capture/code_maps.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/io.h"

namespace zctrace::capture {

namespace {

constexpr size_t kMapRingPages = 64;

uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

/// An event that never counts: the kernel's reports come with it.
Fd open_reports(int cpu) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  attributes.sample_id_all = 1;
  attributes.mmap = attributes.mmap2 = 1;
  attributes.comm = attributes.comm_exec = 1;
  attributes.task = 1;
  attributes.use_clockid = 1;
  attributes.clockid = CLOCK_MONOTONIC;
  attributes.exclude_kernel = 1;
  return Fd(static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
}

pid_t low(uint64_t word) { return static_cast<pid_t>(word & 0xffffffff); }
pid_t high(uint64_t word) { return static_cast<pid_t>(word >> 32); }

/// Whatever was there is covered.
void map_code(CodeSpace& space, uint64_t begin, CodeMapping mapping) {
  auto at = space.mappings.lower_bound(begin);
  if (at != space.mappings.begin() && std::prev(at)->second.end > begin) --at;
  while (at != space.mappings.end() && at->first < mapping.end) at = space.mappings.erase(at);
  ++space.changes;
  if (!mapping.path.starts_with('/') || mapping.path.starts_with("//")) return;  // no file's
  if (space.program.empty()) space.program = mapping.path;
  space.mappings[begin] = std::move(mapping);
}

}  // namespace

CodeMaps::CodeMaps() {
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (int cpu = 0; cpu < cpus; ++cpu) {
    Fd event = open_reports(cpu);
    if (!event) continue;  // a CPU that is offline, or this user may not: /proc is asked then
    try {
      rings_.push_back(std::make_unique<PerfRing>(event.get(), kMapRingPages));
      events_.push_back(std::move(event));
    } catch (const Error&) {
    }
  }
}

void CodeMaps::add_line(CodeSpace& space, std::string_view line) {
  // "7f00-7f10 r-xp 00000000 08:01 123   /usr/lib/libc.so.6"
  const char* const end_of_line = line.data() + line.size();
  uint64_t begin = 0, end = 0, offset = 0;
  auto at = std::from_chars(line.data(), end_of_line, begin, 16);
  if (at.ec != std::errc() || at.ptr == end_of_line || *at.ptr != '-') return;
  at = std::from_chars(at.ptr + 1, end_of_line, end, 16);
  if (end_of_line - at.ptr < 6 || at.ptr[3] != 'x') return;
  std::from_chars(at.ptr + 6, end_of_line, offset, 16);
  const size_t place = line.find('/');
  if (place == line.npos) return;
  map_code(space, begin, {end, offset, std::string(line.substr(place))});
}

std::shared_ptr<CodeSpace> CodeMaps::space_from_proc(pid_t pid) const {
  auto space = std::make_shared<CodeSpace>();
  space->pid = pid;
  std::error_code error;
  space->program = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), error).string();
  const std::string maps = read_text(fmt::format("/proc/{}/maps", pid));
  for (std::string_view rest = maps; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    add_line(*space, line);
  }
  return space->mappings.empty() ? nullptr : space;
}

void CodeMaps::add_running(pid_t pid) {
  if (auto space = space_from_proc(pid)) processes_[pid].spaces = {std::move(space)};
}

uint64_t CodeMaps::poll() {
  // Reports of two CPUs are in order only up to when the first of their rings is read.
  const uint64_t until = now_ns();
  for (const auto& ring : rings_)
    ring->read([&](const perf_event_header& header, std::span<const uint64_t> record) {
      if (record.size() >= 4) waiting_.push_back({record.back(), header, {record.begin(), record.end()}});
    });
  std::ranges::stable_sort(waiting_, {}, &Report::t);
  const auto later = std::ranges::upper_bound(waiting_, until, {}, &Report::t);
  std::for_each(waiting_.begin(), later, [&](const Report& report) { apply(report); });
  waiting_.erase(waiting_.begin(), later);
  return until;
}

void CodeMaps::apply(const Report& report) {
  const auto& record = report.record;
  const pid_t pid = low(record[0]);
  switch (report.header.type) {
    case PERF_RECORD_MMAP2: {
      if (record.size() < 10 || processes_[pid].spaces.empty()) return;
      const auto* path = reinterpret_cast<const char*>(&record[8]);
      const size_t most = (record.size() - 10) * sizeof record[0];
      map_code(*processes_[pid].spaces.back(), record[1],
               {record[1] + record[2], record[3], std::string(path, strnlen(path, most))});
      return;
    }
    case PERF_RECORD_COMM: {
      if (!(report.header.misc & PERF_RECORD_MISC_COMM_EXEC)) return;
      auto space = std::make_shared<CodeSpace>();
      space->pid = pid;
      space->since_ns = report.t;
      Process& process = processes_[pid];
      process.gone = 0;
      process.spaces.push_back(std::move(space));
      return;
    }
    case PERF_RECORD_FORK: {
      const pid_t parent = high(record[0]);
      const auto known = processes_.find(parent);
      if (pid == parent || known == processes_.end() || known->second.spaces.empty()) return;
      auto space = std::make_shared<CodeSpace>(*known->second.spaces.back());
      space->pid = pid;
      space->since_ns = report.t;
      processes_[pid] = {{std::move(space)}, 0};
      return;
    }
    case PERF_RECORD_EXIT:
      if (const auto known = processes_.find(pid); known != processes_.end() && pid == low(record[1]))
        known->second.gone = std::max(known->second.gone, 1);
      return;
    default:
      return;
  }
}

std::shared_ptr<const CodeSpace> CodeMaps::space_of(pid_t pid, uint64_t t_ns) {
  Process& process = processes_[pid];
  for (size_t i = process.spaces.size(); i-- > 0;)
    if (process.spaces[i]->since_ns <= t_ns) return process.spaces[i];
  if (auto space = space_from_proc(pid)) {
    process.spaces.insert(process.spaces.begin(), space);
    return space;
  }
  return nullptr;
}

void CodeMaps::forget_gone() {
  std::erase_if(processes_, [](const auto& entry) { return entry.second.gone > 1; });
  for (auto& [pid, process] : processes_)
    if (process.gone) ++process.gone;
}

}  // namespace zctrace::capture
