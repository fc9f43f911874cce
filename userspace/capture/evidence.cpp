#include "userspace/capture/evidence.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/units.h"
#include "model/language/message.h"
#include "model/summary/words.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "userspace/capture/mirrored.h"
#include "userspace/capture/probes.h"

namespace zctrace::capture {

namespace {

using namespace timeline;

/// Of the leaves, those of the iterators: the others are seen by fentry or fexit, each call of them, and nothing else
/// sees them.
bool has_second_count(unsigned id) {
  const Probe* probe = find_probe(id);
  return !probe || probe->layer == Layer::leaf || probe->layer == Layer::receiver;
}

void append(std::string& names, const std::string& name) {
  if (names.find(name) != std::string::npos) return;
  if (!names.empty()) names += ", ";
  names += name;
}

/// The figure that a layer's tracepoints alone give; null for the layers that copies rest on.
Evidence* evidence_of(Layer layer, EvidenceSet& evidence) {
  switch (layer) {
    case Layer::call:
      return &evidence.system_calls;
    case Layer::fault:
      return &evidence.page_faults;
    case Layer::sched:
      return &evidence.context_switches;
    case Layer::disk:
      return &evidence.disk;
    case Layer::transmit:
      return &evidence.nic;
    default:
      return nullptr;
  }
}

/// Without a run of it fewer bytes are counted, and nothing else goes wrong: such as a frame's, which tells whose they
/// are.
bool only_counts(Layer layer) {
  return layer == Layer::leaf || layer == Layer::socket_buffer || layer == Layer::reference || layer == Layer::sum ||
         layer == Layer::announced;
}

/// Did the kernel skip what the second count lacks? Then the first one stands, as a lower bound.
bool is_explained(const CrossCheck& row, const SkippedRuns& skipped) {
  return row.breakpoint_bytes > row.ftrace_bytes && std::ranges::any_of(skipped, [&](const auto& hook) {
           return hook.first.layer == Layer::sum && row.by_ftrace.find(hook.first.target) != std::string::npos;
         });
}

/// A frame tells whose copies its function makes in buffers without a socket. Where each of these had an owner, a
/// skipped entry of it hid nothing; a skipped exit neither, where the frame knows which buffer it is about, or told of
/// none.
bool is_harmless(const Probe& frame, const Session& session) {
  if (session.sum(ZC_SENDER, ZC_S_OWNERLESS_BYTES) != 0) return false;
  if (frame.id == ZC_P_enter_skb_try_coalesce || frame.id == ZC_P_leave_skb_try_coalesce) return true;
  return std::ranges::none_of(session.edges(), [](const Session::Edge& edge) { return edge.edge.via != ZC_P_NONE; });
}

/// Takes out what has ended, and is there twice: the one runs where the other is skipped.
bool only_forgets(const Probe& probe) {
  return probe.id == ZC_P_inet_sock_set_state || probe.id == ZC_P_inet_sock_set_state_within ||
         probe.id == ZC_P_sched_process_exit || probe.id == ZC_P_sched_process_exit_within;
}

}  // namespace

std::vector<CrossCheck> compare(const std::vector<Session::Edge>& edges,
                                const std::function<std::string(unsigned)>& name) {
  std::map<std::tuple<int, int, int>, CrossCheck> rows;
  for (const auto& [edge, moved] : edges) {
    const bool leaf = edge.mechanism == ZC_LEAF && has_second_count(edge.probe);
    if (!leaf && edge.mechanism != ZC_SUM) continue;
    CrossCheck& row = rows[{edge.role, edge.from, edge.to}];
    row.side = to_side(edge.role);
    row.from = to_end(edge.from);
    row.to = to_end(edge.to);
    append(leaf ? row.by_breakpoint : row.by_ftrace, name(edge.probe));
    (leaf ? row.breakpoint_bytes : row.ftrace_bytes) += moved.bytes;
  }
  std::vector<CrossCheck> list;
  for (auto& [key, row] : rows) list.push_back(std::move(row));
  return list;
}

void doubt_disagreeing(const std::vector<CrossCheck>& rows, const SkippedRuns& skipped, std::vector<Copy>& copies) {
  for (const CrossCheck& row : rows) {
    if (row.agree()) continue;
    const auto evidence = is_explained(row, skipped) ? Evidence::at_least : Evidence::sampled;
    for (Copy& copy : copies)
      if (copy.side == row.side && copy.from == row.from && copy.to == row.to && copy.by == Mover::cpu)
        copy.evidence = std::max(copy.evidence, evidence);
  }
}

void doubt_the_unseen(const Ledger& ledger, Run& run) {
  EvidenceSet& evidence = run.evidence;
  const auto doubt = [&](Evidence& seen_by_it, uint64_t reported, uint64_t moved, TextWith<2> text) {
    if (seen_by_it != Evidence::exact || reported >= moved) return;
    seen_by_it = Evidence::inferred;
    evidence.notes.push_back(message(text, moved, reported));
  };
  const uint64_t resident = std::min(run.source.resident_bytes, ledger.payload_bytes);
  // What shares the source's blocks reads none of them.
  const bool shared = !has_network(run) && std::ranges::none_of(ledger.copies, [](const Copy& copy) {
    return copy.side == Side::sender && copy.from != End::file;
  });
  if (run.source.dma && !shared)
    doubt(evidence.disk, ledger.dma.disk_bytes, ledger.payload_bytes - resident, Text::note_disk_told);
  // Where kernels show all, a hook that missed packets fails the run instead (timeline::check).
  if (evidence.copies == Evidence::inferred && has_network(run))
    doubt(evidence.nic, ledger.transmit.payload_bytes, ledger.received_bytes, Text::note_nic_told);
}

void judge_evidence(const Session& session, EvidenceSet& evidence) {
  // Tracepoints see every one of these.
  evidence.system_calls = evidence.page_faults = evidence.context_switches = Evidence::exact;
  evidence.nic = Evidence::exact;
  const auto both = [&](zc_sum sum) { return session.sum(ZC_SENDER, sum) + session.sum(ZC_RECEIVER, sum); };
  if (const uint64_t untracked = both(ZC_S_UNTRACKED)) {
    evidence.system_calls = Evidence::none;
    evidence.notes.push_back(message(Text::note_untracked, untracked));
  }

  // Seen on a virtual machine whose kernel hides one system task's switches, and with them who came after it.
  if (const uint64_t unseen = both(ZC_S_SCHED_IN_UNSEEN))
    evidence.notes.push_back(message(Text::note_returns_unseen, unseen));

  if (const uint64_t files = both(ZC_S_WRITERS_LOST)) evidence.notes.push_back(message(Text::note_writers_lost, files));
  if (const uint64_t times = both(ZC_S_NAMES_LOST)) evidence.notes.push_back(message(Text::note_names_lost, times));
  if (const uint64_t n = session.others()) evidence.notes.push_back(message(Text::note_others, n));
  if (const uint64_t bytes = both(ZC_S_RANGES_LOST_BYTES))
    evidence.notes.push_back(message(Text::note_ranges_lost, format_bytes(bytes)));

  // Of a run all is known or it is not shown. A program's many flows are lower bounds then, which is still worth
  // showing.
  const bool programs = session.options().programs;
  const Evidence weaker = programs ? Evidence::sampled : Evidence::none;
  const bool exact = session.options().mode == CopyMode::exact;
  Evidence copies = Evidence::exact;
  const auto weaken = [&](Evidence to) { copies = std::max(copies, to); };
  const auto distrust = [&](Message why) {
    weaken(weaker);
    evidence.notes.push_back(std::move(why));
  };
  if (const uint64_t n = both(ZC_S_UNLEDGERED)) distrust(message(Text::note_unledgered, n));
  if (const uint64_t n = both(ZC_S_FRAMES_LOST)) distrust(message(Text::note_nested, n));
  if (const uint64_t n = both(ZC_S_SOCKETS_LOST)) {
    distrust(message(Text::note_sockets_lost, n));
    evidence.nic = weaker;
  }
  if (const uint64_t n = both(ZC_S_UNFOLLOWED)) {
    distrust(message(Text::note_unfollowed, n));
    evidence.system_calls = evidence.page_faults = evidence.context_switches = weaker;
  }
  const auto skipped = session.skipped();
  for (const auto& [probe, runs] : skipped) {
    Evidence* seen_by_it = evidence_of(probe.layer, evidence);
    if (probe.layer == Layer::frame && is_harmless(probe, session)) continue;
    if (only_forgets(probe)) continue;
    if (seen_by_it) *seen_by_it = weaker;
    const bool second = probe.layer == Layer::sum || probe.layer == Layer::announced;
    if (second && exact && !programs)
      continue;  // the first count is whole: the comparison tells whether it was a run of ours
    if (only_counts(probe.layer))
      weaken(programs ? weaker : Evidence::at_least);
    else if (!seen_by_it || seen_by_it == &evidence.system_calls)  // whose copies they are is told by those
      weaken(weaker);
    evidence.notes.push_back(message(Text::note_skipped, runs, probe.target));
  }

  switch (session.options().mode) {
    case CopyMode::exact:
      evidence.mechanism = "breakpoints";
      evidence.cross_check = compare(session.edges(), [&](unsigned probe) { return session.name(probe); });
      evidence.copies = evidence.receiver_copies = copies;
      for (const CrossCheck& row : evidence.cross_check) {
        // Of a program the breakpoints may see paths that the sum has no hook for: that doubts the edge alone.
        if (programs ? row.breakpoint_bytes >= row.ftrace_bytes : row.agree()) continue;
        Evidence& of_side = row.side == Side::sender ? evidence.copies : evidence.receiver_copies;
        of_side = std::max(of_side, is_explained(row, skipped) ? Evidence::at_least : weaker);
      }
      if (std::ranges::all_of(evidence.cross_check, &CrossCheck::agree)) break;
      for (const auto& [probe, runs] : skipped)
        if (probe.layer == Layer::sum) evidence.notes.push_back(message(Text::note_skipped, runs, probe.target));
      break;
    case CopyMode::fast:
      evidence.mechanism = "fentry";
      evidence.copies = evidence.receiver_copies = copies;
      break;
    case CopyMode::inferred:
      evidence.mechanism = "syscalls";
      evidence.copies = Evidence::inferred;
      evidence.receiver_copies = Evidence::exact;
      for (const auto& [edge, moved] : session.edges()) {
        if (edge.mechanism != ZC_INFERRED) continue;
        if (edge.by == ZC_REFERENCE) evidence.copies_unknown = true;
        // A tracepoint shows what is read from a socket, not what is read from a pipe.
        if (edge.role == ZC_RECEIVER) evidence.receiver_copies = Evidence::inferred;
      }
      if (const uint64_t linear = session.sum(ZC_SENDER, ZC_S_LINEAR)) {
        evidence.copies_unknown = true;
        evidence.notes.push_back(message(Text::note_linear, linear));
      }
      break;
  }
}

namespace {

/// Its name, or the word for what it is.
Message named(const FlowEnd& end) {
  return end.name.empty() ? Message::of_chosen(summary::text_of(end.kind), {}) : Message(end.name);
}

/// Parts of flows that have something in common: how many bytes, and where most of them went.
class Parts {
 public:
  void add(const Flow& flow, const FlowPart& part, uint64_t bytes) {
    bytes_ += bytes;
    methods_.emplace(text(part.method));
    if (bytes <= most_) return;
    most_ = bytes;
    from_ = named(flow.from);
    to_ = named(flow.to);
  }
  Message told(TextWith<4> words) const {
    return message(words, bytes_, fmt::format("{}", fmt::join(methods_, ", ")), from_, to_);
  }

 private:
  uint64_t bytes_ = 0, most_ = 0;
  std::set<std::string> methods_;
  Message from_, to_;
};

TextWith<4> note_of(Unexplained why) {
  switch (why) {
    case Unexplained::unseen:
      break;
    case Unexplained::disk:
      return Text::note_unseen_disk;
    case Unexplained::fuse:
      return Text::note_fuse;
    case Unexplained::kernel_tls:
      return Text::note_kernel_tls;
  }
  return Text::note_unseen;
}

TextWith<4> note_of(Uncounted why) {
  switch (why) {
    case Uncounted::journal:
      break;
    case Uncounted::terminal:
      return Text::note_at_least_terminal;
    case Uncounted::network:
      return Text::note_at_least_network;
  }
  return Text::note_at_least_journal;
}

}  // namespace

void note_unseen(const Flows& flows, EvidenceSet& evidence) {
  std::map<Unexplained, Parts> unexplained;
  std::map<Uncounted, Parts> uncounted;
  for (const Flow& flow : flows.list)
    for (const FlowPart& part : flow.parts) {
      if (part.unexplained_bytes != 0) unexplained[part.unexplained_by].add(flow, part, part.unexplained_bytes);
      if (part.at_least_by && part.bytes != 0) uncounted[*part.at_least_by].add(flow, part, part.bytes);
    }
  for (const auto& [why, parts] : unexplained) evidence.notes.push_back(parts.told(note_of(why)));
  for (const auto& [why, parts] : uncounted) evidence.notes.push_back(parts.told(note_of(why)));
}

}  // namespace zctrace::capture
