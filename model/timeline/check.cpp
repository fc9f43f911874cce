#include "model/timeline/check.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "base/units.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::timeline {
namespace {

using EdgeKey = std::tuple<Side, End, End, Mover>;

struct Amount {
  uint64_t calls = 0, bytes = 0;
};

/// What the events add up to.
struct Sums {
  std::map<EventKind, uint64_t> events;
  std::map<EdgeKey, Amount> copies;
  std::map<std::pair<Side, uint16_t>, uint64_t> calls;
  uint64_t faults = 0, user_faults = 0, disk_payload = 0, linear_bytes = 0, paged_bytes = 0;
  bool ordered = true;
};

Sums add_up(const std::vector<Event>& events) {
  Sums sums;
  uint64_t last = 0;
  const auto add_copy = [&](const EdgeKey& key, uint64_t calls, uint64_t bytes) {
    auto& amount = sums.copies[key];
    amount.calls += calls;
    amount.bytes += bytes;
  };
  for (const auto& event : events) {
    sums.ordered = sums.ordered && event.t_ns >= last;
    last = event.t_ns;
    ++sums.events[event.kind];
    switch (event.kind) {
      case EventKind::syscall:
        ++sums.calls[{event.side, event.name}];
        sums.faults += event.count;
        for (const auto& copy : event.folded)
          if (copy.calls > 0) add_copy({event.side, copy.from, copy.to, copy.by}, copy.calls, copy.bytes);
        break;
      case EventKind::copy:
        add_copy({event.side, event.from, event.to, event.by}, event.count, event.bytes);
        break;
      case EventKind::fault:
        ++sums.faults;
        sums.user_faults += event.result == 1;
        break;
      case EventKind::disk:
        sums.disk_payload += event.bytes2;
        break;
      case EventKind::transmit:
        sums.linear_bytes += event.bytes;
        sums.paged_bytes += event.bytes2;
        break;
      default:
        break;
    }
  }
  return sums;
}

class Checker {
 public:
  explicit Checker(const Document& document)
      : doc_(document), ledger_(document.ledger), sums_(add_up(document.events)) {}

  std::vector<std::string> run() {
    losses();
    if (!sums_.ordered) say("the events are not in time order");
    counts();
    names();
    copies();
    // The first two are definitions, the third is what a packet's payload consists of.
    for (const auto* side : {&ledger_.sender, &ledger_.receiver}) {
      equal("mode switches of system calls", side->mode_switches.syscall, 2 * call_count(*side),
            "twice the system calls");
      equal("mode switches of page faults", side->mode_switches.fault, 2 * side->user_faults, "twice the user faults");
    }
    const auto& sent = ledger_.transmit;
    equal("transmitted payload", sent.payload_bytes, sent.linear_bytes + sent.paged_bytes,
          "its linear and paged parts");
    arrived();
    if (ledger_.flows) flows(*ledger_.flows);
    return std::move(problems_);
  }

 private:
  void say(std::string sentence) { problems_.push_back(std::move(sentence)); }

  void equal(std::string_view what, uint64_t a, uint64_t b, std::string_view other) {
    if (a != b) say(fmt::format("{}: {}, but {} is {}", what, format_count(a), other, format_count(b)));
  }

  static uint64_t of_kind(const std::map<std::string, uint64_t>& by_kind, EventKind kind) {
    const auto found = by_kind.find(std::string(text(kind)));
    return found == by_kind.end() ? 0 : found->second;
  }
  uint64_t lost(EventKind kind) const { return of_kind(doc_.run.lost.by_kind, kind); }

  /// Were events of the kind left out on purpose?
  bool windowed(EventKind kind) const { return doc_.run.detail && of_kind(doc_.run.detail->by_kind, kind) > 0; }
  bool whole(EventKind kind) const { return lost(kind) == 0 && !windowed(kind); }

  void losses() {
    const auto add_up = [](const std::map<std::string, uint64_t>& by_kind) {
      uint64_t sum = 0;
      for (const auto& [kind, events] : by_kind) sum += events;
      return sum;
    };
    equal("lost events", doc_.run.lost.events, add_up(doc_.run.lost.by_kind), "their sum by kind");
    if (const auto& detail = doc_.run.detail)
      equal("events left out", detail->events, add_up(detail->by_kind), "their sum by kind");
  }

  /// `seen` in the events must be `counted` in the ledger: exactly where no event that carries it was lost, else at
  /// most.
  void against(std::string_view what, uint64_t seen, uint64_t counted, bool whole) {
    if (whole ? seen == counted : seen <= counted) return;
    say(fmt::format("{}: the timeline shows {}, the ledger counts {}", what, format_count(seen),
                    format_count(counted)));
  }

  void kind_count(EventKind kind, uint64_t counted, Evidence evidence) {
    if (evidence != Evidence::exact) return;
    const auto missing = lost(kind);
    const auto seen = sums_.events[kind];
    if (windowed(kind) ? seen + missing <= counted : seen + missing == counted) return;
    say(fmt::format("{} events: {} shown and {} lost, the ledger counts {}", text(kind), format_count(seen),
                    format_count(missing), format_count(counted)));
  }

  void counts() {
    const auto& evidence = doc_.run.evidence;
    const auto& [sender, receiver] = std::tie(ledger_.sender, ledger_.receiver);
    kind_count(EventKind::syscall, call_count(sender) + call_count(receiver), evidence.system_calls);
    kind_count(EventKind::disk, ledger_.dma.disk_requests, evidence.disk);
    kind_count(EventKind::transmit, ledger_.transmit.packets, evidence.nic);
    if (evidence.page_faults == Evidence::exact) {
      const auto user = sender.user_faults + receiver.user_faults;
      against("user faults", sums_.user_faults + lost(EventKind::fault), user, !windowed(EventKind::fault));
      // A fault inside the kernel shows in the event of its system call, if that was ever completed.
      against("page faults", sums_.faults + lost(EventKind::fault),
              user + sender.kernel_faults + receiver.kernel_faults, false);
    }
    // A task that is never scheduled again has left the CPU without an event to say so: at most, not exactly.
    if (evidence.context_switches == Evidence::exact)
      against("context switches", sums_.events[EventKind::off_cpu] + lost(EventKind::off_cpu),
              sender.voluntary_switches + sender.involuntary_switches + receiver.voluntary_switches +
                  receiver.involuntary_switches,
              false);
    if (evidence.disk == Evidence::exact)
      against("disk bytes", sums_.disk_payload, ledger_.dma.disk_bytes, whole(EventKind::disk));
    if (evidence.nic == Evidence::exact) {
      const bool all = whole(EventKind::transmit);
      against("linear bytes transmitted", sums_.linear_bytes, ledger_.transmit.linear_bytes, all);
      against("paged bytes transmitted", sums_.paged_bytes, ledger_.transmit.paged_bytes, all);
    }
  }

  /// What arrived was sent, by somebody whose calls were seen: a run that recorded nothing must not pass for a quiet
  /// one.
  void arrived() {
    if (!doc_.run.complete || ledger_.received_bytes == 0) return;
    const auto& evidence = doc_.run.evidence;
    if (!has_network(doc_.run))
      equal("payload transmitted", ledger_.transmit.payload_bytes, 0, "what a file or a pipe takes from the network");
    else if (evidence.nic == Evidence::exact && ledger_.transmit.payload_bytes < ledger_.received_bytes)
      say(fmt::format("{} bytes arrived, but only {} were seen to leave", format_count(ledger_.received_bytes),
                      format_count(ledger_.transmit.payload_bytes)));
    if (evidence.system_calls == Evidence::exact && call_count(ledger_.sender) == 0)
      say("bytes arrived, but the sender was seen to make no system call");
  }

  void names() {
    if (doc_.run.evidence.system_calls != Evidence::exact) return;
    const bool all = whole(EventKind::syscall);
    for (auto side : {Side::sender, Side::receiver}) {
      auto left = (side == Side::sender ? ledger_.sender : ledger_.receiver).syscalls;
      for (const auto& [key, seen] : sums_.calls) {
        if (key.first != side) continue;
        const auto& name = doc_.names.at(key.second);
        against(fmt::format("{} of the {}", name, text(side)), seen, left[name], all);
        left.erase(name);
      }
      for (const auto& [name, counted] : left) against(fmt::format("{} of the {}", name, text(side)), 0, counted, all);
    }
  }

  void copies() {
    std::map<EdgeKey, Amount> counted;
    for (const auto& copy : ledger_.copies) {
      // DMA and what is handed to a device show as disk and transmit events; what was only inferred has no events of
      // its own.
      if (copy.by == Mover::dma || copy.to == End::nic || copy.evidence != Evidence::exact) continue;
      auto& amount = counted[{copy.side, copy.from, copy.to, copy.by}];
      amount.calls += copy.calls;
      amount.bytes += copy.bytes;
    }
    const bool all = whole(EventKind::copy) && whole(EventKind::syscall);
    for (const auto& [key, amount] : sums_.copies) counted.try_emplace(key);
    for (const auto& [key, amount] : counted) {
      const auto& [side, from, to, by] = key;
      if (copies_evidence(doc_.run, side) != Evidence::exact || by == Mover::dma) continue;
      const auto where = fmt::format("{} to {} by {}, {}", text(from), text(to), text(by), text(side));
      against(where + ", bytes", sums_.copies[key].bytes, amount.bytes, all);
      against(where + ", calls", sums_.copies[key].calls, amount.calls, all);
    }
  }

  /// What the flows hold is part of what the ledger holds.
  void flows(const Flows& flows) {
    const auto within = [&](std::string_view what, uint64_t part, uint64_t all, std::string_view of) {
      if (part > all) say(fmt::format("{}: {}, more than {}: {}", what, format_count(part), of, format_count(all)));
    };
    const auto& evidence = doc_.run.evidence;
    uint64_t copied = flows.unattributed_bytes, read = 0, written = 0, sent = 0;
    for (const auto& flow : flows.list) {
      const auto name = fmt::format("flow {} → {}", flow.from.name, flow.to.name);
      if (flow.parts.empty()) say(name + ": has no part");
      within(name + ", linear bytes", flow.sent_linear_bytes, flow.sent_bytes, "what was sent");
      for (const auto& part : flow.parts) {
        within(name + ", first call", part.first_ns, part.last_ns, "its last");
        if (part.bytes > 0 && part.calls + part.requests == 0) say(name + ": bytes without a call");
      }
      const auto all = total(flow);
      copied += all.cpu_bytes;
      read += all.disk_bytes;
      written += all.written_bytes;
      sent += flow.sent_bytes;
    }
    equal("payload", ledger_.payload_bytes, passed_on(flows).bytes, "what the flows passed on");
    if (evidence.copies == Evidence::exact)
      within("bytes copied in flows and unattributed", copied, cpu_bytes(ledger_, Side::sender),
             "all that the CPU copied");
    uint64_t fetched = ledger_.dma.disk_bytes + ledger_.dma.unseen_disk_bytes;
    for (const auto& copy : ledger_.copies)
      if (copy.from == End::disk && copy.by == Mover::cpu) fetched += copy.bytes;
    if (evidence.disk == Evidence::exact) within("disk bytes of flows", read, fetched, "the disks'");
    if (evidence.disk == Evidence::exact && ledger_.dma.written_bytes) {
      uint64_t stored = *ledger_.dma.written_bytes;
      for (const auto& copy : ledger_.copies)
        if (copy.to == End::disk && copy.function == "block_bio_queue")
          stored += copy.bytes;  // by a driver, not by DMA
      within("bytes of flows written to the disk", written, stored, "all that was written");
    }
    if (evidence.nic == Evidence::exact)
      within("bytes sent of flows", sent, ledger_.transmit.payload_bytes, "all that was transmitted");
  }

  const Document& doc_;
  const Ledger& ledger_;
  Sums sums_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check(const Document& document) { return Checker(document).run(); }

}  // namespace zctrace::timeline
