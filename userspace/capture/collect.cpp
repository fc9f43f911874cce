#include "userspace/capture/collect.h"

#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "userspace/capture/evidence.h"
#include "userspace/timeline/ledger.h"
#include "userspace/timeline/names.h"

namespace zctrace::capture {

namespace {

using namespace timeline;

std::string syscall_name(unsigned number) {
  char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, static_cast<int>(number));
  const std::string text = name ? name : "syscall_" + std::to_string(number);
  free(name);
  return text;
}

/// The texts that events refer to, each once.
class Names {
 public:
  explicit Names(std::vector<std::string>& names) : names_(names) {}

  uint16_t operator()(const std::string& text) {
    const auto [place, added] = index_.try_emplace(text, static_cast<uint16_t>(names_.size()));
    if (added) names_.push_back(text);
    return place->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, uint16_t> index_{{"", 0}};
};

constexpr const char* kSoftirqs[] = {"HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
                                     "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};
constexpr const char* kMarks[] = {"transfer begins", "transfer ends", "send queue empty", "received"};

std::string name_of_record(const Session& session, const zc_record& record, const std::string& device) {
  switch (record.kind) {
    case ZC_K_SYSCALL:
      return syscall_name(record.probe);
    case ZC_K_COPY:
      return session.name(record.probe);
    case ZC_K_OFF_CPU:
      return record.probe ? "voluntary" : "involuntary";
    case ZC_K_SOFTIRQ:
      return record.probe < std::size(kSoftirqs) ? kSoftirqs[record.probe] : "?";
    case ZC_K_DISK:
      return "read";
    case ZC_K_TRANSMIT:
      return device;
    case ZC_K_MARK:
      return record.probe < std::size(kMarks) ? kMarks[record.probe] : "?";
  }
  return "";
}

Event event_of(const Session& session, const zc_record& record, const std::string& device, Names& names) {
  Event event;
  const uint64_t begin = session.begin_ns();
  // The receiver waits in a read before the run starts: its first call is cut there.
  event.t_ns = record.t > begin ? record.t - begin : 0;
  const uint64_t end = record.t + record.dur;
  event.dur_ns = end > begin + event.t_ns ? end - begin - event.t_ns : 0;
  event.task = record.tid;
  event.cpu = record.cpu;
  event.kind = static_cast<EventKind>(record.kind);
  event.side = static_cast<Side>(record.role);
  event.name = names(name_of_record(session, record, device));
  event.via = record.via ? names(session.name(record.via)) : 0;
  event.count = record.count;
  event.result = record.result;
  event.bytes = record.bytes;
  event.bytes2 = record.bytes2;
  event.from = static_cast<End>(record.from);
  event.to = static_cast<End>(record.to);
  event.by = static_cast<Mover>(record.by);
  event.context = static_cast<Context>(record.context);
  for (size_t i = 0; i < std::size(record.folded); i++) {
    const zc_folded& from = record.folded[i];
    if (!from.calls) continue;
    FoldedCopy& to = event.folded[i];
    to.function = names(from.probe == ZC_P_SYS_EXIT ? syscall_name(record.probe) : session.name(from.probe));
    to.from = static_cast<End>(from.from);
    to.to = static_cast<End>(from.to);
    to.by = static_cast<Mover>(from.by);
    to.calls = from.calls;
    to.at_ns = from.at;
    to.bytes = from.bytes;
  }
  return event;
}

Copy copy_of(const Session& session, const Session::Edge& edge) {
  Copy copy{};
  copy.from = static_cast<End>(edge.edge.from);
  copy.to = static_cast<End>(edge.edge.to);
  copy.by = static_cast<Mover>(edge.edge.by);
  copy.function = edge.edge.mechanism == ZC_INFERRED ? "system call" : session.name(edge.edge.probe);
  copy.via = edge.edge.via ? session.name(edge.edge.via) : "";
  copy.bytes = edge.moved.bytes;
  copy.calls = edge.moved.calls;
  copy.side = static_cast<Side>(edge.edge.role);
  copy.context = static_cast<Context>(edge.edge.context);
  copy.evidence = edge.edge.mechanism == ZC_INFERRED ? Evidence::inferred : Evidence::exact;
  return copy;
}

Figures figures_of(const Session& session, zc_role role) {
  Figures figures;
  for (const auto& [key, count] : session.syscalls())
    if (key.role == role) figures.syscalls[syscall_name(key.nr)] = count;
  figures.user_faults = session.sum(role, ZC_S_USER_FAULTS);
  figures.kernel_faults = session.sum(role, ZC_S_KERNEL_FAULTS);
  figures.mode_switches.syscall = session.sum(role, ZC_S_CALL_SWITCHES);
  figures.mode_switches.fault = 2 * figures.user_faults;
  figures.voluntary_switches = session.sum(role, ZC_S_VOLUNTARY);
  figures.involuntary_switches = session.sum(role, ZC_S_INVOLUNTARY);
  return figures;
}

}  // namespace

void collect(const Session& session, Document& document) {
  Ledger& ledger = document.ledger;
  const bool fast = session.options().mode == CopyMode::fast;
  for (const Session::Edge& edge : session.edges())
    if (edge.edge.mechanism != ZC_SUM || fast) ledger.copies.push_back(copy_of(session, edge));
  merge_copies(ledger.copies);
  std::ranges::sort(ledger.copies, {}, [](const Copy& copy) {
    return std::tuple(copy.side, copy.from, copy.to, copy.by, copy.context, copy.function, copy.via);
  });

  ledger.sender = figures_of(session, ZC_SENDER);
  ledger.receiver = figures_of(session, ZC_RECEIVER);
  ledger.dma.disk_bytes = session.sum(ZC_SENDER, ZC_S_DISK_BYTES);
  ledger.dma.disk_requests = session.sum(ZC_SENDER, ZC_S_DISK_REQUESTS);
  ledger.transmit.packets = session.sum(ZC_SENDER, ZC_S_PACKETS);
  ledger.transmit.linear_bytes = session.sum(ZC_SENDER, ZC_S_LINEAR);
  ledger.transmit.paged_bytes = session.sum(ZC_SENDER, ZC_S_PAGED);
  ledger.transmit.payload_bytes = ledger.transmit.linear_bytes + ledger.transmit.paged_bytes;
  ledger.transmit.header_bytes = session.sum(ZC_SENDER, ZC_S_HEADERS);
  if (document.run.path.dma) {
    ledger.dma.nic_bytes = ledger.transmit.payload_bytes;
    ledger.dma.nic_packets = ledger.transmit.packets;
  }

  Names names(document.names);
  document.events.reserve(session.records().size());
  for (const zc_record& record : session.records())
    document.events.push_back(event_of(session, record, document.run.path.device, names));
  std::ranges::stable_sort(document.events, {}, &Event::t_ns);

  const std::vector<uint64_t> lost = session.lost();
  for (unsigned kind = 0; kind < ZC_KINDS; kind++) {
    if (!lost[kind]) continue;
    document.run.lost.events += lost[kind];
    document.run.lost.by_kind[std::string(text(static_cast<EventKind>(kind)))] = lost[kind];
  }
  document.run.duration_ns = session.begin_ns() ? session.end_ns() - session.begin_ns() : 0;
  judge_evidence(session, document.run.evidence);
}

}  // namespace zctrace::capture
