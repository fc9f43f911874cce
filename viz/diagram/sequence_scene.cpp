#include "viz/diagram/sequence_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/units.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

/// The ledger knows how well each copy is known; an event does not.
Evidence evidence_of(const Recording& document, const Copy& copy) {
  Evidence worst = Evidence::exact;
  bool found = false;
  for (const auto& each : document.ledger.copies) {
    if (each.side != copy.side || each.from != copy.from || each.to != copy.to || each.by != copy.by) continue;
    worst = std::max(worst, each.evidence);
    found = true;
  }
  return found ? worst : copies_evidence(document.run, copy.side);
}

/// Sorts events into a scene. Threads and copies are found by key: a document may hold any number of either.
class Collector {
 public:
  Collector(const Recording& document, const Choice& choice)
      : document_(document), window_(choice.window), part_(part_of_file(document, choice)), stream_(document) {
    threads_.push_back({choice.task, Side::sender, {}, {}, {}, {}, {}, {}});
    thread_index_.emplace(key(Side::sender, choice.task), 0);
    scene_.knows_transmits = part_ && sends_each_byte_once();
    if (choice.kind != Choice::Kind::run) scene_.receives = receives(document, window_);
  }

  void take(const Event& event);
  Scene finish();

 private:
  static uint64_t key(Side side, uint32_t task) { return uint64_t{task} << 1 | static_cast<uint64_t>(side); }
  void add(Events& events, const Event& event) const { add_burst(events, event, window_); }

  /// Then packets leave in the order of the file: each begins where the one before it ended.
  bool sends_each_byte_once() const {
    const auto& run = document_.run;
    uint64_t sent = 0;
    for (const auto& event : document_.events)
      if (event.kind == EventKind::transmit) sent += payload(event);
    return run.sinks == 1 && sent == run.size;
  }

  void disk(const Event& request, bool is_over) {
    const bool known = part_ && request.result >= 0;
    const bool ours = known && part_->overlaps(static_cast<uint64_t>(request.result), request.bytes2);
    if (ours && is_over) scene_.fetched_before = std::max(scene_.fetched_before.value_or(0), end_of(request));
    if (is_over) return;
    scene_.knows_disk = scene_.knows_disk || known;
    add(known && !ours ? scene_.disk_of_others : scene_.disk, request);
  }

  void transmit(const Event& packet, bool is_over) {
    const auto offset = sent_;
    sent_ += payload(packet);
    if (is_over) return;
    const bool ours = !scene_.knows_transmits || part_->overlaps(offset, payload(packet));
    add(ours ? scene_.transmits : scene_.transmits_of_others, packet);
  }

  bool within(uint64_t ns) const { return ns >= window_.from && ns <= window_.until; }

  size_t thread(const Event& event) {
    const auto [entry, added] = thread_index_.try_emplace(key(event.side, event.task), threads_.size());
    if (added) threads_.push_back({event.task, event.side, {}, {}, {}, {}, {}, {}});
    return entry->second;
  }

  /// Of a receiver whose calls are known to take the chunk's bytes or others: not the chunk's.
  bool of_others(const Event& call) {
    if (!scene_.receives.known() || call.side != Side::receiver) return false;
    const auto bytes = stream_.received(call), at = received_;
    received_ += bytes;
    return bytes == 0 || !scene_.receives.range.overlaps(at, bytes);
  }

  void copied(size_t where, uint16_t function, Copy copy, uint64_t at, bool of_others = false) {
    if (!within(at)) return;
    if (copy.side == Side::sender && copy.by == Mover::cpu) scene_.cpu_bytes += copy.bytes;
    auto same = uint64_t{where} << 16 | function;
    same = same << 4 | static_cast<uint64_t>(copy.from);
    same = same << 4 | static_cast<uint64_t>(copy.to);
    same = same << 2 | static_cast<uint64_t>(copy.by);
    same = same << 2 | static_cast<uint64_t>(copy.context);
    same = same << 1 | (of_others ? 1 : 0);
    auto& moved = threads_[where].moved;
    const auto [entry, added] = moved_index_.try_emplace(same, moved.size());
    if (added) {
      copy.function = document_.names.at(function);
      copy.evidence = evidence_of(document_, copy);
      moved.push_back({{copy.from, copy.to, copy.by, copy.bytes, copy.calls, {copy}}, {at}, at, of_others});
      return;
    }
    auto& [edge, times, last, pale] = moved[entry->second];
    constexpr size_t kFew = 1024;
    if (times.size() < kFew || at > times.back() + finest(window_)) times.push_back(at);
    last = at;
    edge.bytes = edge.copies.front().bytes += copy.bytes;
    edge.calls = edge.copies.front().calls += copy.calls;
  }

  const Recording& document_;
  Window window_;
  std::optional<Range> part_;
  Stream stream_;
  uint64_t sent_ = 0, received_ = 0;  ///< bytes of payload in packets; of the stream
  Scene scene_;
  std::vector<Thread> threads_;  ///< the sender first
  std::unordered_map<uint64_t, size_t> thread_index_, moved_index_;
};

void Collector::take(const Event& event) {
  // Before the window disk requests, packets and the receiver's calls count, too.
  const bool is_over = end_of(event) < window_.from;
  if (event.kind == EventKind::disk) return disk(event, is_over);
  if (event.kind == EventKind::transmit) return transmit(event, is_over);
  const bool pale = event.kind == EventKind::syscall && of_others(event);
  if (is_over) return;
  switch (event.kind) {
    case EventKind::syscall: {
      const auto where = thread(event);
      add(pale ? threads_[where].calls_of_others : threads_[where].calls, event);
      if (where == 0) ++scene_.calls;
      if (where == 0 && within(event.t_ns)) scene_.mode_switches += 2;
      for (const auto& each : event.folded)
        if (each.calls != 0)
          copied(where, each.function,
                 {each.from, each.to, each.by, "", "", each.bytes, each.calls, event.side, Context::syscall,
                  Evidence::exact},
                 time_of(document_, event, each), pale);
      return;
    }
    case EventKind::copy:
      // Whoever was interrupted for it has no part in it.
      return copied(event.side == Side::sender ? 0 : thread(event), event.name,
                    {event.from, event.to, event.by, "", document_.names.at(event.via), event.bytes, event.count,
                     event.side, event.context, Evidence::exact},
                    event.t_ns);
    case EventKind::fault: {
      const auto where = thread(event);
      add(threads_[where].faults, event);
      if (where == 0 && event.result == 1) {
        ++scene_.user_faults;
        scene_.mode_switches += 2;
      }
      return;
    }
    case EventKind::off_cpu:
      return add(threads_[thread(event)].off_cpu, event);
    case EventKind::softirq:
      return add(threads_[thread(event)].softirqs, event);
    case EventKind::disk:
    case EventKind::transmit:
    case EventKind::mark:
      return;
  }
}

Scene Collector::finish() {
  scene_.sender = std::move(threads_.front());
  threads_.erase(threads_.begin());
  scene_.others = std::move(threads_);
  std::stable_partition(scene_.others.begin(), scene_.others.end(),
                        [](const Thread& thread) { return thread.side == Side::receiver; });
  return std::move(scene_);
}

}  // namespace

Scene scene(const Recording& document, const Choice& choice) {
  Collector collector(document, choice);
  for (const auto& event : document.events) {
    if (event.t_ns > choice.window.until) break;
    collector.take(event);
  }
  return collector.finish();
}

uint64_t time_of(const Recording& document, const Event& call, const FoldedCopy& copy) {
  const bool seen = copies_evidence(document.run, call.side) != Evidence::inferred;
  return call.t_ns + (seen ? copy.at_ns : (end_of(call) - call.t_ns) / 2);
}

std::string result_of(const Recording& document, const Event& call) {
  if (call.result < 0) return fmt::format("{}", call.result);
  if (returns_bytes(document.names.at(call.name))) return format_size(static_cast<uint64_t>(call.result));
  return call.result > UINT32_MAX ? fmt::format("{:#x}", call.result)
                                  : format_count(static_cast<uint64_t>(call.result));
}

uint64_t payload(const Event& transmit) { return transmit.bytes + transmit.bytes2; }

}  // namespace zctrace::diagram
