#include "userspace/capture/collect.h"

#include <algorithm>
#include <tuple>

#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "userspace/capture/event_log.h"
#include "userspace/capture/evidence.h"
#include "userspace/capture/mirrored.h"

namespace zctrace::capture {

namespace {

using namespace timeline;

Copy copy_of(const Session& session, const Session::Edge& edge) {
  Copy copy{};
  copy.from = to_end(edge.edge.from);
  copy.to = to_end(edge.edge.to);
  copy.by = to_mover(edge.edge.by);
  copy.function = edge.edge.mechanism == ZC_INFERRED ? std::string(kFunctionUnseen) : session.name(edge.edge.probe);
  copy.via = edge.edge.via ? session.name(edge.edge.via) : "";
  if (const auto ciphers = ciphers_of(edge.edge.cipher); !ciphers.empty()) copy.cipher = ciphers.front();
  copy.bytes = edge.moved.bytes;
  copy.calls = edge.moved.calls;
  copy.side = to_side(edge.edge.role);
  copy.context = to_context(edge.edge.context);
  copy.evidence = edge.edge.mechanism == ZC_INFERRED ? Evidence::inferred : Evidence::exact;
  return copy;
}

Figures figures_of(const Session& session, zc_role role) {
  Figures figures;
  for (const auto& [nr, count] : session.syscalls(role)) {
    figures.syscalls[syscall_name(nr)] = count;
    figures.mode_switches.syscall += 2 * count;
  }
  figures.user_faults = session.sum(role, ZC_S_USER_FAULTS);
  figures.kernel_faults = session.sum(role, ZC_S_KERNEL_FAULTS);
  figures.mode_switches.fault = 2 * figures.user_faults;
  figures.voluntary_switches = session.sum(role, ZC_S_VOLUNTARY);
  figures.involuntary_switches = session.sum(role, ZC_S_INVOLUNTARY);
  const uint64_t ns = session.sum(role, ZC_S_ON_CPU_NS);
  if (ns != 0 && session.sum(role, ZC_S_SCHED_IN_UNSEEN) == 0) figures.cpu_ns = ns;
  const ArrayCopies own{session.sum(role, ZC_S_TO_ARRAY_BYTES), session.sum(role, ZC_S_TO_ARRAY_COPIES),
                        session.sum(role, ZC_S_FROM_ARRAY_BYTES), session.sum(role, ZC_S_FROM_ARRAY_COPIES),
                        session.array_copies_evidence()};
  if (own.evidence != Evidence::none && (role == ZC_SENDER || own.bytes() != 0)) figures.array_copies = own;
  return figures;
}

}  // namespace

void collect(Session& session, Document& document) {
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
  if (session.options().programs) {
    ledger.dma.written_bytes = session.sum(ZC_SENDER, ZC_S_WRITTEN_BYTES);
    ledger.dma.write_requests = session.sum(ZC_SENDER, ZC_S_WRITE_REQUESTS);
    ledger.dma.unseen_disk_bytes = session.sum(ZC_SENDER, ZC_S_UNSEEN_DISK_BYTES);
  }
  ledger.transmit.packets = session.sum(ZC_SENDER, ZC_S_PACKETS);
  ledger.transmit.linear_bytes = session.sum(ZC_SENDER, ZC_S_LINEAR);
  ledger.transmit.paged_bytes = session.sum(ZC_SENDER, ZC_S_PAGED);
  ledger.transmit.payload_bytes = ledger.transmit.linear_bytes + ledger.transmit.paged_bytes;
  ledger.transmit.header_bytes = session.sum(ZC_SENDER, ZC_S_HEADERS);
  if (document.run.path.dma) {
    ledger.dma.nic_bytes = ledger.transmit.payload_bytes;
    ledger.dma.nic_packets = ledger.transmit.packets;
  }

  const std::vector<uint64_t> lost = session.lost();
  for (unsigned kind = 0; kind < ZC_KINDS; kind++) {
    if (!lost[kind]) continue;
    document.run.lost.events += lost[kind];
    document.run.lost.by_kind[std::string(text(to_event_kind(kind)))] = lost[kind];
  }
  session.move_events_to(document);
  document.run.duration_ns = session.begin_ns() ? session.end_ns() - session.begin_ns() : 0;
  judge_evidence(session, document.run.evidence);
  doubt_disagreeing(document.run.evidence.cross_check, session.skipped(), ledger.copies);
  if (document.run.evidence.context_switches == Evidence::none) ledger.sender.cpu_ns = ledger.receiver.cpu_ns = {};
}

void add_flow_sums(const Session& session, Flows& flows) {
  flows.writes_followed = true;
  flows.unattributed_bytes = session.sum(ZC_SENDER, ZC_S_UNATTRIBUTED_BYTES);
  flows.unattributed_copies = session.sum(ZC_SENDER, ZC_S_UNATTRIBUTED_COPIES);
  flows.dropped_calls = session.sum(ZC_SENDER, ZC_S_DROPPED_CALLS);
  flows.dropped_bytes = session.sum(ZC_SENDER, ZC_S_DROPPED_BYTES);
}

Detail left_out(const Session& session, const std::string& window) {
  Detail detail{.window = window, .events = 0, .by_kind = {}};
  const std::vector<uint64_t> counts = session.left_out();
  for (unsigned kind = 0; kind < ZC_KINDS; kind++) {
    if (!counts[kind]) continue;
    detail.events += counts[kind];
    detail.by_kind[std::string(text(to_event_kind(kind)))] = counts[kind];
  }
  return detail;
}

}  // namespace zctrace::capture
