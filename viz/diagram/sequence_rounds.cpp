#include "viz/diagram/sequence_rounds.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

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

uint64_t end_of(const Event& event) {
  return event.dur_ns > std::numeric_limits<uint64_t>::max() - event.t_ns ? std::numeric_limits<uint64_t>::max()
                                                                          : event.t_ns + event.dur_ns;
}

uint32_t main_task(const Document& document) {
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

std::vector<Round> rounds(const Document& document, uint32_t task) {
  std::unordered_map<uint64_t, size_t> counts;
  size_t most = 0;
  for (const auto& event : document.events)
    if (is_call(event, task)) most = std::max(most, ++counts[likeness(event)]);
  // What happened once beside calls that happened more often prepares or ends the loop.
  std::erase_if(counts,
                [&](const auto& entry) { return entry.second < (most + 1) / 2 || (entry.second == 1 && most > 1); });
  const auto kinds = counts.size();

  std::unordered_map<uint64_t, size_t> last_seen;  // the number of the round
  std::vector<Round> found;
  uint64_t opening = 0, previous = 0;
  size_t seen = 0;
  for (const auto& event : document.events) {
    if (!is_call(event, task)) continue;
    const auto key = likeness(event);
    if (!counts.contains(key)) continue;
    if (found.empty()) opening = key;
    // Two reads and then a write are one round; where all calls are alike each is one.
    if (found.empty() || (key == opening && (previous != opening || kinds == 1))) {
      found.push_back({{event.t_ns, end_of(event)}, found.size() + 1, false});
      seen = 0;
    }
    auto& round = found.back();
    round.window.until = std::max(round.window.until, end_of(event));
    if (auto& number = last_seen[key]; number != round.number) {
      number = round.number;
      round.complete = ++seen == kinds;
    }
    previous = key;
  }
  return found;
}

Window whole_run(const Document& document) {
  Window window;
  for (const auto& event : document.events) window.until = std::max(window.until, end_of(event));
  if (document.events.empty()) window.until = document.run.duration_ns;
  return window;
}

Choice choose(const Document& document) {
  Choice choice;
  choice.task = main_task(document);
  auto all = rounds(document, choice.task);
  choice.rounds = all.size();
  std::erase_if(all, [](const Round& round) { return !round.complete; });
  choice.complete = all.size();
  const auto shorter = [](const Round& a, const Round& b) { return a.window.duration() < b.window.duration(); };
  if (!all.empty()) {
    // Of an even number the shorter of the two in the middle; of equal ones the first.
    std::stable_sort(all.begin(), all.end(), shorter);
    const auto& median = all[(all.size() - 1) / 2];
    choice.kind = Choice::Kind::round;
    choice.window = median.window;
    choice.number = median.number;
    choice.fastest = all.front().window.duration();
    choice.slowest = all.back().window.duration();
    return choice;
  }
  const Event* longest = nullptr;
  for (const auto& event : document.events)
    if (is_call(event, choice.task) && (longest == nullptr || event.dur_ns > longest->dur_ns)) longest = &event;
  choice.kind = longest == nullptr ? Choice::Kind::run : Choice::Kind::call;
  choice.window = longest == nullptr ? whole_run(document) : Window{longest->t_ns, end_of(*longest)};
  return choice;
}

}  // namespace zctrace::diagram
