#include "userspace/capture/event_log.h"

#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "userspace/capture/mirrored.h"

namespace zctrace::capture {

using namespace timeline;

namespace {

constexpr size_t kMostNames = UINT16_MAX;  // and one
constexpr const char* kSoftirqs[] = {"HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
                                     "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};
const char* mark_text(unsigned mark) {
  switch (mark) {
    case ZC_M_BEGIN:
      return "transfer begins";
    case ZC_M_END:
      return "transfer ends";
    case ZC_M_DRAINED:
      return "send queue empty";
    case ZC_M_RECEIVED:
      return "received";
  }
  return "?";
}

}  // namespace

std::string syscall_name(unsigned number) {
  const bool compat = number & ZC_COMPAT_CALL;
  const unsigned plain = number & ~static_cast<unsigned>(ZC_COMPAT_CALL);
  char* name = seccomp_syscall_resolve_num_arch(compat ? SCMP_ARCH_X86 : SCMP_ARCH_X86_64, static_cast<int>(plain));
  const std::string text = name ? name : "syscall_" + std::to_string(plain);
  free(name);
  return compat ? text + "_32" : text;
}

EventLog::EventLog(size_t capacity, std::function<std::string(unsigned)> probe_name)
    : capacity_(capacity), probe_name_(std::move(probe_name)) {
  events_.reserve(capacity);  // pages that are never touched cost nothing; growing would hold everything twice
}

void EventLog::clear() {
  events_.clear();
  events_.reserve(capacity_);
  names_.assign(1, "");
  index_ = {{"", 0}};
  known_.clear();
  std::ranges::fill(dropped_, 0);
}

uint16_t EventLog::name(const std::string& text) {
  // A program can call numbers that no system call has, as many as there are: the last place is for all that find none.
  const bool full = names_.size() >= kMostNames && !index_.contains(text);
  const auto [place, added] = index_.try_emplace(full ? "unknown" : text, static_cast<uint16_t>(names_.size()));
  if (added) names_.push_back(place->first);
  return place->second;
}

std::string EventLog::text_of(unsigned kind, unsigned code) const {
  switch (kind) {
    case ZC_K_SYSCALL:
      return syscall_name(code);
    case ZC_K_COPY:
      return probe_name_(code);
    case ZC_K_OFF_CPU:
      return code ? "voluntary" : "involuntary";
    case ZC_K_SOFTIRQ:
      return code < std::size(kSoftirqs) ? kSoftirqs[code] : "?";
    case ZC_K_DISK:
      return "read";
    case ZC_K_TRANSMIT:
      return device_;
    case ZC_K_MARK:
      return mark_text(code);
  }
  return "";
}

uint16_t EventLog::name_of(unsigned kind, unsigned code) {
  const auto [place, added] = known_.try_emplace(kind << 16 | code);
  if (added) place->second = name(text_of(kind, code));
  return place->second;
}

void EventLog::add(const zc_record& record) {
  // Where there is no device there is no send queue that could be empty.
  if (record.kind == ZC_K_MARK && record.probe == ZC_M_DRAINED && device_.empty()) return;
  if (events_.size() >= capacity_) {
    dropped_[record.kind % ZC_KINDS]++;
    return;
  }
  Event& event = events_.emplace_back();
  event.t_ns = record.t;
  event.dur_ns = record.dur;
  event.task = record.tid;
  event.cpu = record.cpu;
  event.kind = to_event_kind(record.kind);
  event.side = to_side(record.role);
  event.name = name_of(record.kind, record.probe);
  event.via = record.via ? name_of(ZC_K_COPY, record.via) : uint16_t{0};
  event.count = record.count;
  event.result = record.result;
  if (record.kind == ZC_K_DISK) {
    const auto offset = file_offset(file_, static_cast<uint64_t>(record.result), record.bytes);
    event.result = offset ? static_cast<int64_t>(*offset) : -1;
  }
  event.bytes = record.bytes;
  event.bytes2 = record.bytes2;
  event.from = to_end(record.from);
  event.to = to_end(record.to);
  event.by = to_mover(record.by);
  event.context = to_context(record.context);
  for (size_t i = 0; i < std::size(record.folded); i++) {
    const zc_folded& from = record.folded[i];
    if (!from.calls) continue;
    FoldedCopy& to = event.folded[i];
    // Inferred ones have no function: they are the call's result.
    to.function = from.probe == ZC_P_CALL_RESULT ? event.name : name_of(ZC_K_COPY, from.probe);
    to.from = to_end(from.from);
    to.to = to_end(from.to);
    to.by = to_mover(from.by);
    to.calls = from.calls;
    to.at_ns = from.at;
    to.bytes = from.bytes;
  }
}

void EventLog::move_to(Document& document, uint64_t begin_ns) {
  for (Event& event : events_) {
    // A wait that began before the run is cut there.
    const uint64_t end = event.t_ns + event.dur_ns;
    event.t_ns = event.t_ns > begin_ns ? event.t_ns - begin_ns : 0;
    event.dur_ns = end > begin_ns + event.t_ns ? end - begin_ns - event.t_ns : 0;
  }
  std::ranges::sort(events_, {}, &Event::t_ns);
  document.events = std::move(events_);
  document.names = std::move(names_);
  clear();
}

}  // namespace zctrace::capture
