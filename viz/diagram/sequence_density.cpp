#include "viz/diagram/sequence_density.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "viz/diagram/sequence_scene.h"

namespace zctrace::diagram {

using namespace timeline;

namespace {

constexpr size_t kMostMarks = 64;

/// A thread as far as it was seen: its call decides whether what interrupts it does so in the kernel.
struct Seen {
  uint64_t first = 0, last = 0;
  uint64_t call_until = 0;
  bool called = false;
};

}  // namespace

Columns::Columns(Window window, size_t count) : window_(window), within_(count + 1), change_(count + 1) {}

double Columns::place(uint64_t ns) const {
  const auto columns = static_cast<double>(within_.size() - 1);
  if (window_.duration() == 0) return 0;
  const uint64_t inside = std::clamp(ns, window_.from, window_.until);
  return columns * (static_cast<double>(inside - window_.from) / static_cast<double>(window_.duration()));
}

void Columns::span(uint64_t from, uint64_t until, double times) {
  const double low = place(from), high = std::max(place(until), low);
  const auto first = static_cast<size_t>(low), last = static_cast<size_t>(high);
  total_ += times * static_cast<double>(until - std::min(from, until));
  if (first == last) {
    within_[first] += times * (high - low);
    return;
  }
  within_[first] += times * (static_cast<double>(first + 1) - low);
  within_[last] += times * (high - static_cast<double>(last));
  change_[first + 1] += times;
  change_[last] -= times;
}

void Columns::amount(uint64_t at, double size) {
  within_[std::min(static_cast<size_t>(place(at)), within_.size() - 2)] += size;
  total_ += size;
}

std::vector<double> Columns::values() const {
  std::vector<double> values(within_.size() - 1);
  double going_on = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    going_on += change_[i];
    values[i] = within_[i] + going_on;
  }
  return values;
}

Activity::Activity(Window window, size_t columns)
    : user(window, columns), kernel(window, columns), off_in_call(window, columns), off_in_user(window, columns) {}

Density::Density(Window time, size_t columns)
    : window(time),
      sender(time, columns),
      more(time, columns),
      receiver(time, columns),
      calls(time, columns),
      cpu_copies(time, columns),
      references(time, columns),
      transforms(time, columns),
      softirq(time, columns),
      disk(time, columns),
      transmits(time, columns),
      receiver_copies(time, columns) {}

Density density(const Recording& document, Window window, uint32_t task, size_t columns) {
  Density all(window, columns);
  std::unordered_map<uint64_t, Seen> threads;
  const auto activity = [&](Side side, uint32_t thread) -> Activity& {
    return side == Side::receiver ? all.receiver : thread == task ? all.sender : all.more;
  };
  const auto copied = [&](const Event& event, Mover by, uint64_t at, uint64_t bytes) {
    auto& where = event.side == Side::receiver ? all.receiver_copies
                  : by == Mover::cpu           ? all.cpu_copies
                  : by == Mover::transform     ? all.transforms
                                               : all.references;
    if (by == Mover::cpu || event.side == Side::sender) where.amount(at, static_cast<double>(bytes));
  };

  for (const auto& event : document.events) {
    const auto until = end_of(event);
    switch (event.kind) {
      case EventKind::syscall:
        for (const auto& copy : event.folded)
          if (copy.calls != 0) copied(event, copy.by, time_of(document, event, copy), copy.bytes);
        if (event.side == Side::sender) all.calls.amount(event.t_ns, 1);
        break;
      case EventKind::copy:
        copied(event, event.by, event.t_ns, event.bytes);
        continue;  // not of the thread that it interrupted
      case EventKind::disk:
        all.disk.span(event.t_ns, until);
        continue;
      case EventKind::transmit:
        all.transmits.amount(event.t_ns, static_cast<double>(payload(event)));
        continue;
      case EventKind::mark:
        if (all.marks.size() < kMostMarks) all.marks.push_back({event.t_ns, event.name});
        continue;
      case EventKind::softirq:
        if (event.side == Side::sender) all.softirq.span(event.t_ns, until);
        break;
      case EventKind::fault:
      case EventKind::off_cpu:
        break;
    }
    const auto [entry, added] = threads.try_emplace(uint64_t{event.task} << 1 | static_cast<uint64_t>(event.side),
                                                    Seen{event.t_ns, until, 0, false});
    auto& thread = entry->second;
    auto& doing = activity(event.side, event.task);
    if (added) ++doing.threads;
    thread.last = std::max(thread.last, until);
    const bool in_call = thread.called && event.t_ns < thread.call_until;
    if (event.kind == EventKind::syscall) {
      doing.kernel.span(event.t_ns, until);
      doing.user.span(event.t_ns, until, -1);
      thread.call_until = std::max(thread.call_until, until);
      thread.called = true;
    } else if (event.kind == EventKind::off_cpu) {
      (in_call ? doing.off_in_call : doing.off_in_user).span(event.t_ns, until);
      (in_call ? doing.kernel : doing.user).span(event.t_ns, until, -1);
    } else if (event.kind == EventKind::softirq && !in_call) {
      doing.user.span(event.t_ns, until, -1);
    }
  }
  for (const auto& [key, thread] : threads)
    activity(static_cast<Side>(key & 1), static_cast<uint32_t>(key >> 1)).user.span(thread.first, thread.last);
  return all;
}

}  // namespace zctrace::diagram
