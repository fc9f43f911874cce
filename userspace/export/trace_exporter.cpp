#include "userspace/export/trace_exporter.h"

#include <algorithm>
#include <queue>

#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "userspace/export/trace_counters.h"
#include "userspace/export/trace_events.h"
#include "userspace/export/trace_lane.h"
#include "userspace/export/trace_run.h"

namespace zctrace::exports {

using namespace timeline;

namespace {

/// What tells the exporter's tracks apart over all runs.
struct Ids {
  uint32_t runs = 0, tracks = 0;
  uint64_t flows = 1;
};

/// Requests overlap: each takes the first track that is free.
struct FreeLanes {
  using Until = std::pair<uint64_t, size_t>;
  template <class T>
  using Smallest = std::priority_queue<T, std::vector<T>, std::greater<>>;

  /// The one to use for [begin, end); `count`: there are so many, and it is a new one if it is that.
  size_t take(uint64_t begin, uint64_t end) {
    for (; !busy.empty() && busy.top().first <= begin; busy.pop()) free.push(busy.top().second);
    size_t lane = count;
    if (free.empty()) {
      ++count;
    } else {
      lane = free.top();
      free.pop();
    }
    busy.push({std::max(end, begin), lane});
    return lane;
  }

  Smallest<Until> busy;
  Smallest<size_t> free;
  size_t count = 0;
};

/// No zctrace writes events that are out of order; who does has them all in memory here.
EventStore by_time(const EventStore& events) {
  std::vector<Event> all;
  for (const auto& event : events) all.push_back(event);
  std::ranges::stable_sort(all, {}, &Event::t_ns);
  EventStore sorted;
  for (const auto& event : all) sorted.push_back(event);
  return sorted;
}

class RunTracks {
 public:
  RunTracks(TraceWriter& writer, Ids& ids, const Recording& document, const EventStore& events)
      : writer_(writer), ids_(ids), doc_(document), events_(events), texts_(document, writer.names), counters_(writer) {
    const auto title = summary::full_title(doc_.run, Language::english);
    const auto label = summary::setting(doc_.run, Language::english);
    const auto declare = [&](uint32_t id, const char* what) {
      writer_.process({id, title + ": " + what, label});
      return id;
    };
    const auto number = 10 * ++ids_.runs;
    sender_ = declare(number + 1, "sender");
    receiver_ = declare(number + 2, "receiver");
    kernel_ = declare(number + 3, "kernel");
    write_run(writer_, make(kernel_, Track::Kind::plain, "run"), doc_.run, doc_.ledger);
    make_counters();
    // A task belongs to the side whose calls it makes, whomever the kernel's work in its time was for.
    for (const auto& event : events_)
      if (event.kind == EventKind::syscall) homes_.try_emplace(event.task, event.side);
  }

  void write() {
    for (const auto& event : events_) {
      counters_.advance(begin_of(event));
      place(event);
      count(event);
    }
    for (auto* lanes : {&tasks_, &off_cpu_, &softirqs_})
      for (auto& [key, lane] : *lanes) lane.close();
    for (auto& lane : disk_) lane.close();
    counters_.advance(UINT64_MAX);
  }

 private:
  using Lanes = std::unordered_map<uint32_t, Lane>;

  uint32_t make(uint32_t process, Track::Kind kind, std::string name, uint32_t thread = 0) {
    writer_.track({++ids_.tracks, process, kind, thread, std::move(name)});
    return ids_.tracks;
  }

  uint32_t process_of(Side side) const { return side == Side::sender ? sender_ : receiver_; }

  uint32_t home(const Event& event) const {
    const auto found = homes_.find(event.task);
    return process_of(found == homes_.end() ? event.side : found->second);
  }

  Lane& task(const Event& event) {
    if (const auto found = tasks_.find(event.task); found != tasks_.end()) return found->second;
    const auto name = event.task == 0 ? "no task" : "task " + std::to_string(event.task);
    const auto track = make(home(event), Track::Kind::thread, name, event.task);
    return tasks_.try_emplace(event.task, writer_, texts_, track, &ids_.flows).first->second;
  }

  Lane& off_cpu(const Event& event) {
    if (const auto found = off_cpu_.find(event.task); found != off_cpu_.end()) return found->second;
    task(event);  // first, so that it is drawn first
    const auto track = make(home(event), Track::Kind::plain, "task " + std::to_string(event.task) + " off CPU");
    return off_cpu_.try_emplace(event.task, writer_, texts_, track, nullptr).first->second;
  }

  Lane& softirq(const Event& event) {
    if (const auto found = softirqs_.find(event.cpu); found != softirqs_.end()) return found->second;
    const auto track = make(kernel_, Track::Kind::plain, "softirqs of CPU " + std::to_string(event.cpu));
    return softirqs_.try_emplace(event.cpu, writer_, texts_, track, nullptr).first->second;
  }

  Lane& disk(const Event& event) {
    const auto lane = lanes_.take(begin_of(event), end_of(event));
    if (lane == disk_.size())
      disk_.emplace_back(writer_, texts_, make(kernel_, Track::Kind::plain, "disk " + doc_.run.source.device), nullptr);
    return disk_[lane];
  }

  Lane& transmit(const Event& event) {
    if (const auto found = transmits_.find(event.name); found != transmits_.end()) return found->second;
    const auto track = make(kernel_, Track::Kind::plain, "transmit " + doc_.names.at(event.name));
    return transmits_.try_emplace(event.name, writer_, texts_, track, nullptr).first->second;
  }

  void place(const Event& event) {
    switch (event.kind) {
      case EventKind::syscall:
        return task(event).slice(event);
      case EventKind::copy:
        return (event.context == Context::softirq ? softirq(event) : task(event)).point(event);
      case EventKind::fault:
      case EventKind::mark:
        return task(event).point(event);
      case EventKind::off_cpu:
        return off_cpu(event).slice(event);
      case EventKind::softirq:
        return softirq(event).slice(event);
      case EventKind::disk:
        return disk(event).slice(event);
      case EventKind::transmit:
        return transmit(event).point(event);
    }
  }

  /// What is not known has no counter: zero would be a figure.
  void make_counters() {
    const auto counter = [&](uint32_t process, Evidence evidence, const std::string& name) {
      if (evidence == Evidence::none) return 0u;
      const auto note = evidence == Evidence::exact ? "" : " (" + std::string(text(evidence)) + ")";
      const auto track = make(process, Track::Kind::counter_of_bytes, name + note);
      counters_.add(track);
      return track;
    };
    const auto& evidence = doc_.run.evidence;
    for (auto side : {Side::sender, Side::receiver}) {
      const bool unknown = side == Side::sender && evidence.copies_unknown;
      copied_[static_cast<size_t>(side)] =
          counter(process_of(side), unknown ? Evidence::none : copies_evidence(doc_.run, side), "bytes copied by CPU");
    }
    read_ = counter(kernel_, evidence.disk, "payload read from disk");
    handed_ = counter(kernel_, evidence.nic, "payload handed to device");
  }

  void count(const Event& event) {
    const auto step = [&](uint32_t track, uint64_t at, uint64_t bytes) {
      if (track != 0) counters_.step(track, at, bytes);
    };
    const auto copied = copied_[static_cast<size_t>(event.side)];
    if (event.kind == EventKind::copy && event.by == Mover::cpu) step(copied, begin_of(event), event.bytes);
    if (event.kind == EventKind::syscall)
      for (const auto& each : event.folded)
        if (each.calls != 0 && each.by == Mover::cpu)
          step(copied, std::min(begin_of(event) + each.at_ns, end_of(event)), each.bytes);
    if (event.kind == EventKind::disk) step(read_, end_of(event), event.bytes2);
    if (event.kind == EventKind::transmit) {
      step(handed_, begin_of(event), event.bytes);
      step(handed_, begin_of(event), event.bytes2);
    }
  }

  TraceWriter& writer_;
  Ids& ids_;
  const Recording& doc_;
  const EventStore& events_;  ///< by time
  TraceEvents texts_;
  Counters counters_;
  uint32_t sender_ = 0, receiver_ = 0, kernel_ = 0;
  uint32_t copied_[2] = {}, read_ = 0, handed_ = 0;  ///< counters' tracks; 0: not known
  std::unordered_map<uint32_t, Side> homes_;
  Lanes tasks_, off_cpu_, softirqs_, transmits_;
  FreeLanes lanes_;
  std::vector<Lane> disk_;
};

class TraceExporter : public Exporter {
 public:
  explicit TraceExporter(std::unique_ptr<TraceWriter> writer) : writer_(std::move(writer)) {}

  void add(const Recording& recording, const std::string&) override {
    const auto& events = recording.events;
    if (events.in_order())
      RunTracks(*writer_, ids_, recording, events).write();
    else
      RunTracks(*writer_, ids_, recording, by_time(events)).write();
  }
  void finish() override { writer_->finish(); }

 private:
  std::unique_ptr<TraceWriter> writer_;
  Ids ids_;
};

}  // namespace

std::unique_ptr<Exporter> trace_exporter(std::unique_ptr<TraceWriter> writer) {
  return std::make_unique<TraceExporter>(std::move(writer));
}

}  // namespace zctrace::exports
