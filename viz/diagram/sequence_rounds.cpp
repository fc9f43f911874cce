#include "viz/diagram/sequence_rounds.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <vector>

namespace zctrace::diagram {

using namespace timeline;

namespace {

/// Calls that are alike have the same key: the name, whether anything was moved, and between which places.
uint64_t likeness(const Event& call) {
  uint64_t key = uint64_t{call.name} << 1 | (call.result > 0 ? 1 : 0);
  const auto& copy = call.folded[0];
  if (copy.calls == 0) return key;
  key = key << 8 | (static_cast<uint64_t>(copy.from) + 1);
  return key << 8 | (static_cast<uint64_t>(copy.to) + 1);
}

bool is_call(const Event& event, uint32_t task) {
  return event.kind == EventKind::syscall && event.side == Side::sender && event.task == task;
}

}  // namespace

bool returns_bytes(std::string_view name) {
  static constexpr std::string_view kNames[] = {"read",     "pread64",  "readv",    "preadv",         "preadv2",
                                                "recvfrom", "recvmsg",  "write",    "pwrite64",       "writev",
                                                "pwritev",  "sendto",   "pwritev2", "sendmsg",        "splice",
                                                "sendfile", "vmsplice", "tee",      "copy_file_range"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

uint64_t end_of(const Event& event) {
  return event.dur_ns > std::numeric_limits<uint64_t>::max() - event.t_ns ? std::numeric_limits<uint64_t>::max()
                                                                          : event.t_ns + event.dur_ns;
}

uint32_t main_task(const Recording& document) {
  std::unordered_map<uint32_t, size_t> calls;
  uint32_t task = 0;
  size_t most = 0;
  for (const auto& event : document.events) {
    if (event.kind != EventKind::syscall || event.side != Side::sender) continue;
    if (const auto count = ++calls[event.task]; count > most) {
      most = count;
      task = event.task;
    }
  }
  return task;
}

void each_round(const Recording& document, uint32_t task, const std::function<void(const Round&)>& take) {
  std::unordered_map<uint64_t, size_t> counts;
  size_t most = 0;
  for (const auto& event : document.events)
    if (is_call(event, task)) most = std::max(most, ++counts[likeness(event)]);
  // What happened once beside calls that happened more often prepares or ends the loop.
  std::erase_if(counts,
                [&](const auto& entry) { return entry.second < (most + 1) / 2 || (entry.second == 1 && most > 1); });
  const auto kinds = counts.size();

  std::unordered_map<uint64_t, size_t> last_seen;  // the number of the round
  Round round;
  uint64_t opening = 0, previous = 0;
  size_t seen = 0;
  for (const auto& event : document.events) {
    if (!is_call(event, task)) continue;
    const auto key = likeness(event);
    if (!counts.contains(key)) continue;
    if (round.number == 0) opening = key;
    // Two reads and then a write are one round; where all calls are alike each is one.
    if (round.number == 0 || (key == opening && (previous != opening || kinds == 1))) {
      if (round.number != 0) take(round);
      round = {{event.t_ns, end_of(event)}, round.number + 1, false};
      seen = 0;
    }
    round.window.until = std::max(round.window.until, end_of(event));
    if (auto& number = last_seen[key]; number != round.number) {
      number = round.number;
      round.complete = ++seen == kinds;
    }
    previous = key;
  }
  if (round.number != 0) take(round);
}

Window whole_run(const Recording& document) {
  Window window;
  for (const auto& event : document.events) window.until = std::max(window.until, end_of(event));
  if (document.events.empty()) window.until = document.run.duration_ns;
  return window;
}

std::vector<std::string> first_round(const Recording& document, const Choice& choice) {
  std::vector<std::string> calls;
  if (!choice.first) return calls;
  for (const auto& event : document.events) {
    if (event.t_ns > choice.first->until) break;
    if (event.t_ns >= choice.first->from && is_call(event, choice.task)) calls.push_back(document.names.at(event.name));
  }
  return calls;
}

Choice choose(const Recording& document) {
  Choice choice;
  choice.task = main_task(document);
  std::vector<uint64_t> durations;
  each_round(document, choice.task, [&](const Round& round) {
    ++choice.rounds;
    if (!round.complete) return;
    if (!choice.first) choice.first = round.window;
    durations.push_back(round.window.duration());
  });
  choice.complete = durations.size();
  if (!durations.empty()) {
    // Of an even number the shorter of the two in the middle; of equal ones as many are passed over as sort before it.
    const auto middle = durations.begin() + static_cast<std::ptrdiff_t>((durations.size() - 1) / 2);
    std::nth_element(durations.begin(), middle, durations.end());
    const uint64_t median = *middle;
    auto equal = std::count(durations.begin(), middle, median);
    const auto [fastest, slowest] = std::minmax_element(durations.begin(), durations.end());
    choice.kind = Choice::Kind::round;
    choice.fastest = *fastest;
    choice.slowest = *slowest;
    each_round(document, choice.task, [&](const Round& round) {
      if (!round.complete || round.window.duration() != median || equal-- != 0) return;
      choice.window = round.window;
      choice.number = round.number;
    });
    return choice;
  }
  std::optional<Event> longest;
  for (const auto& event : document.events)
    if (is_call(event, choice.task) && (!longest || event.dur_ns > longest->dur_ns)) longest = event;
  choice.kind = longest ? Choice::Kind::call : Choice::Kind::run;
  choice.window = longest ? Window{longest->t_ns, end_of(*longest)} : whole_run(document);
  return choice;
}

/// By the calls that are like the window's first one that moved bytes.
std::optional<Range> part_of_file(const Recording& document, const Choice& choice) {
  if (choice.kind != Choice::Kind::round || document.run.lost.by_kind.contains("syscall")) return std::nullopt;
  std::optional<uint64_t> key;
  for (const auto& event : document.events) {
    if (event.t_ns < choice.window.from || !is_call(event, choice.task) || event.result <= 0) continue;
    if (!returns_bytes(document.names.at(event.name))) continue;
    key = likeness(event);
    break;
  }
  if (!key) return std::nullopt;
  Range part;
  uint64_t all = 0;
  for (const auto& event : document.events) {
    if (!is_call(event, choice.task) || event.result <= 0 || likeness(event) != *key) continue;
    all += static_cast<uint64_t>(event.result);
    if (event.t_ns < choice.window.from) part.from = all;
    if (event.t_ns <= choice.window.until) part.until = all;
  }
  if (all != document.run.size) return std::nullopt;
  return part;
}

}  // namespace zctrace::diagram
