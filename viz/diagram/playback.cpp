#include "viz/diagram/playback.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>

#include "model/timeline/names.h"
#include "viz/diagram/sequence_rounds.h"
#include "viz/diagram/sequence_scene.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr double kSwitchSeconds = 0.7, kMoveSeconds = 1.1, kRestSeconds = 7;
constexpr size_t kMostSlow = 40;
constexpr size_t kNoWay = SIZE_MAX;

/// Something at one instant. `asleep` and `awake`: of the sender's busiest thread.
struct Happening {
  enum class Kind : uint8_t { enter, leave, fault, move, asleep, awake };
  uint64_t ns = 0, order = 0;
  Kind kind{};
  bool main = false;  ///< of that thread
  uint16_t name = 0;
  size_t way = kNoWay;
  uint64_t bytes = 0;
  bool operator>(const Happening& other) const { return std::tie(ns, order) > std::tie(other.ns, other.order); }
};

/// The mode switches of a round that bear numbers, by the name of their call.
class Marks {
 public:
  explicit Marks(std::span<const summary::Call> round) {
    for (const auto& call : round)
      if (call.number < call.last)
        calls_[call.name.substr(0, call.name.find(" ×"))].push_back({call.number, (call.last - call.number + 1) / 2});
  }

  /// Of the next call of that name.
  uint64_t next(const std::string& name) {
    const auto found = calls_.find(name);
    if (found == calls_.end()) return 0;
    uint64_t all = 0;
    for (const auto& some : found->second) all += some.count;
    uint64_t at = all == 0 ? 0 : seen_[name]++ % all;
    for (const auto& [first, count] : found->second) {
      if (at < count) return first + 2 * at;
      at -= count;
    }
    return 0;
  }

 private:
  /// In a row, however many a document says they are.
  struct Calls {
    uint64_t first = 0, count = 0;
  };
  std::map<std::string, std::vector<Calls>> calls_;
  std::map<std::string, uint64_t> seen_;
};

class Player {
 public:
  Player(const Recording& recording, const Choice& choice, std::span<const summary::Call> round, size_t most)
      : recording_(recording), choice_(choice), marks_(round), most_(std::max<size_t>(most, 1)) {
    for (const auto side : {Side::sender, Side::receiver})
      for (auto& edge : edges(recording.ledger, side)) {
        auto key = fmt::format("{}/{}/{}/{}", text(side), text(edge.from), text(edge.to), timeline::text(edge.by));
        play_.ways.push_back({std::move(edge), side, std::move(key)});
      }
    find_arrivals(Side::receiver);
    if (play_.arrivals.empty()) find_arrivals(Side::sender);
    seen_.assign(play_.ways.size(), 0);
    play_.first = receives(recording, choice.first);
    slow_until_ = choice_.first ? choice_.first->until : choice_.kind == Choice::Kind::call ? choice_.window.until : 0;
  }

  Playback all() {
    for (const auto& event : recording_.events) {
      while (!pending_.empty() && pending_.top().ns < event.t_ns) take_next();
      add(event);
    }
    while (!pending_.empty()) take_next();
    if (!play_.steps.empty()) finish();
    return std::move(play_);
  }

 private:
  /// Which way bytes from there to there went; where there are several, nobody says which.
  template <class Test>
  size_t way(const Test& test) const {
    size_t found = kNoWay;
    for (size_t i = 0; i < play_.ways.size(); ++i) {
      if (!test(play_.ways[i])) continue;
      if (found != kNoWay) return kNoWay;
      found = i;
    }
    return found;
  }

  size_t way(Side side, End from, End to, Mover by) const {
    return way([&](const PlayedWay& each) {
      return each.side == side && each.edge.from == from && each.edge.to == to && each.edge.by == by;
    });
  }

  void find_arrivals(Side side) {
    const auto target = target_of(recording_.run);
    for (size_t i = 0; i < play_.ways.size(); ++i) {
      const auto& [edge, of, key] = play_.ways[i];
      const auto here = side == Side::receiver ? edge.from : edge.to,
                 beyond = side == Side::receiver ? edge.to : edge.from;
      if (of == side && here == target && beyond != target && edge.to != End::nic) play_.arrivals.push_back(i);
    }
  }

  void push(uint64_t ns, Happening::Kind kind, uint16_t name = 0, bool main = false, size_t way = kNoWay,
            uint64_t bytes = 0) {
    pending_.push({ns, order_++, kind, main, name, way, bytes});
  }

  void moved(uint64_t ns, size_t way, uint64_t bytes) {
    if (bytes == 0) return;
    if (way == kNoWay) play_.complete = false;
    push(ns, Happening::Kind::move, 0, false, way, bytes);
  }

  void add(const Event& event) {
    const bool main = event.side == Side::sender && event.task == choice_.task;
    switch (event.kind) {
      case EventKind::syscall:
        if (event.side == Side::sender) push(event.t_ns, Happening::Kind::enter, event.name, main);
        for (const auto& each : event.folded)
          if (each.calls != 0)
            moved(std::min(time_of(recording_, event, each), end_of(event)),
                  way(event.side, each.from, each.to, each.by), each.bytes);
        if (event.side == Side::sender) push(end_of(event), Happening::Kind::leave, event.name, main);
        return;
      case EventKind::copy:
        return moved(event.t_ns, way(event.side, event.from, event.to, event.by), event.bytes);
      case EventKind::fault:
        if (event.side == Side::sender && event.result == 1) push(event.t_ns, Happening::Kind::fault);
        return;
      case EventKind::off_cpu:
        if (!main) return;
        push(event.t_ns, Happening::Kind::asleep);
        return push(end_of(event), Happening::Kind::awake);
      case EventKind::disk: {
        // It has moved them when it is done.
        const bool writes = recording_.names.at(event.name) == "write";
        return moved(end_of(event), way([&](const PlayedWay& each) {
                       return each.edge.by == Mover::dma && (writes ? each.edge.to : each.edge.from) == End::disk;
                     }),
                     event.bytes2);
      }
      case EventKind::transmit:
        return moved(event.t_ns,
                     way([&](const PlayedWay& each) { return each.side == Side::sender && each.edge.to == End::nic; }),
                     payload(event));
      case EventKind::softirq:
      case EventKind::mark:
        return;
    }
  }

  void take_next() {
    take(pending_.top());
    pending_.pop();
  }

  uint64_t busy_at(uint64_t ns) const {
    const auto asleep = slept_ + (asleep_since_ ? ns - *asleep_since_ : 0);
    return ns > asleep ? ns - asleep : 0;
  }

  void take(const Happening& happening) {
    using Kind = Happening::Kind;
    if (happening.kind == Kind::asleep) {
      if (!asleep_since_) asleep_since_ = happening.ns;
      return;
    }
    if (happening.kind == Kind::awake) {
      if (asleep_since_) slept_ += happening.ns - *asleep_since_;
      asleep_since_.reset();
      return;
    }
    Step step;
    step.until_ns = happening.ns;
    step.busy_ns = busy_at(happening.ns);
    if (happening.kind == Kind::move) {
      step.kind = Step::Kind::move;
      if (happening.way != kNoWay) step.moved = {{happening.way, happening.bytes}};
    } else if (happening.kind == Kind::fault) {
      step.kind = Step::Kind::fault;
      step.mode_switches = 2;
    } else {
      const bool enter = happening.kind == Kind::enter;
      step.kind = enter ? Step::Kind::enter : Step::Kind::leave;
      step.name = recording_.names.at(happening.name);
      step.mode_switches = 1;
      step.calls = enter ? 0 : 1;
      if (happening.main && !enter) last_return_ = {happening.ns, *step.busy_ns};
      // A call that the round has no number for, or that another thread made, lights no mark.
      if (happening.main) {
        if (enter) entered_ = marks_.next(step.name);
        step.mark = entered_ == 0 ? 0 : entered_ + (enter ? 0 : 1);
      }
    }
    if (happening.ns <= slow_until_ && play_.slow < kMostSlow && play_.slow == play_.steps.size()) {
      slowly(std::move(step));
    } else {
      quickly(std::move(step));
    }
  }

  /// Between two mode switches what goes the same way is one step: a call sends many packets.
  void slowly(Step step) {
    auto& steps = play_.steps;
    if (step.kind == Step::Kind::move || step.kind == Step::Kind::fault)
      for (auto each = steps.rbegin(); each != steps.rend(); ++each) {
        if (each->kind == Step::Kind::enter || each->kind == Step::Kind::leave) break;
        if (each->kind != step.kind) continue;
        if (step.kind == Step::Kind::move) {
          if (each->moved.empty() || step.moved.empty() || each->moved[0].way != step.moved[0].way) continue;
          each->moved[0].bytes += step.moved[0].bytes;
        }
        each->mode_switches += step.mode_switches;
        each->count += step.kind == Step::Kind::fault ? 1 : 0;
        each->until_ns = step.until_ns;
        each->busy_ns = step.busy_ns;
        return;
      }
    step.length = step.kind == Step::Kind::move ? kMoveSeconds : kSwitchSeconds;
    steps.push_back(std::move(step));
    play_.slow = steps.size();
  }

  static void join(Step& into, const Step& step) {
    for (const auto& moved : step.moved) {
      const auto same = std::ranges::find(into.moved, moved.way, &Step::Moved::way);
      if (same == into.moved.end())
        into.moved.push_back(moved);
      else
        same->bytes += moved.bytes;
    }
    into.until_ns = step.until_ns;
    into.busy_ns = step.busy_ns;
    into.mode_switches += step.mode_switches;
    into.calls += step.calls;
  }

  /// So many events a step that the steps do not become too many.
  void quickly(Step step) {
    step.kind = Step::Kind::rest;
    auto& steps = play_.steps;
    if (in_last_ > 0 && in_last_ < each_) {
      join(steps.back(), step);
      ++in_last_;
    } else {
      steps.push_back(std::move(step));
      in_last_ = 1;
    }
    if (steps.size() - play_.slow <= 2 * most_ || in_last_ < each_) return;
    size_t kept = play_.slow;
    for (size_t i = play_.slow; i < steps.size(); i += 2, ++kept) {
      if (kept != i) steps[kept] = std::move(steps[i]);
      if (i + 1 < steps.size()) join(steps[kept], steps[i + 1]);
    }
    in_last_ = (steps.size() - play_.slow) % 2 == 0 ? 2 * each_ : each_;
    steps.resize(kept);
    each_ *= 2;
  }

  void finish() {
    auto& steps = play_.steps;
    const bool busy_known = recording_.run.evidence.context_switches != Evidence::none;
    const auto rest_from = play_.slow == 0 ? 0 : steps[play_.slow - 1].until_ns;
    const auto rest = static_cast<double>(steps.back().until_ns - std::min(rest_from, steps.back().until_ns));
    uint64_t until = 0, busy = 0, switches = 0, calls = 0;
    for (size_t i = 0; i < steps.size(); ++i) {
      auto& step = steps[i];
      const auto before = until;
      until = step.until_ns = std::max(until, step.until_ns);
      busy = std::max(busy, std::min(*step.busy_ns, last_return_.busy));
      step.busy_ns.reset();
      if (busy_known) step.busy_ns = busy;
      switches = step.mode_switches += switches;
      calls = step.calls += calls;
      for (const auto& moved : step.moved) seen_[moved.way] += moved.bytes;
      step.bytes = seen_;
      if (i >= play_.slow) step.length = rest > 0 ? kRestSeconds * static_cast<double>(until - before) / rest : 0;
      step.begin = play_.seconds;
      play_.seconds += step.length;
    }
    play_.end_ns = std::max(recording_.run.duration_ns, until);
    const auto& evidence = recording_.run.evidence;
    play_.copies_known = evidence.copies != Evidence::none && !evidence.copies_unknown;
    play_.calls = calls;
    if (play_.slow < steps.size() && rest > 0) play_.slowdown = kRestSeconds * 1e9 / rest;
    for (size_t i = 0; i < seen_.size(); ++i) play_.complete &= seen_[i] == play_.ways[i].edge.bytes;
    play_.complete &= switches == recording_.ledger.sender.mode_switches.total();
  }

  const Recording& recording_;
  const Choice& choice_;
  Marks marks_;
  const size_t most_;
  Playback play_;
  std::vector<uint64_t> seen_;  ///< bytes by way
  uint64_t slow_until_ = 0, order_ = 0, entered_ = 0, slept_ = 0;
  std::optional<uint64_t> asleep_since_;
  struct {
    uint64_t ns = 0, busy = 0;
  } last_return_;  ///< of the busiest thread: what it does afterwards is no part of the transfer
  size_t each_ = 1, in_last_ = 0;
  std::priority_queue<Happening, std::vector<Happening>, std::greater<>> pending_;
};

}  // namespace

uint64_t Playback::cpu_bytes(const Step& step) const {
  uint64_t bytes = 0;
  for (size_t i = 0; i < ways.size(); ++i)
    if (ways[i].side == Side::sender && ways[i].edge.by == Mover::cpu) bytes += step.bytes[i];
  return bytes;
}

uint64_t Playback::arrived(const Step& step) const {
  uint64_t bytes = 0;
  for (const auto way : arrivals) bytes += step.bytes[way];
  return bytes;
}

Playback playback(const Recording& recording, const Choice& choice, std::span<const summary::Call> round, size_t most) {
  return Player(recording, choice, round, most).all();
}

}  // namespace zctrace::diagram
