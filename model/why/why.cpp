#include "model/why/why.h"

#include <algorithm>
#include <cmath>

#include "model/quantities/amount.h"
#include "model/timeline/flow_match.h"
#include "model/timeline/names.h"
#include "model/why/values.h"

namespace zctrace::why {

using namespace timeline;

namespace {

constexpr uint64_t kLittle = 4096;     ///< bytes that are no story: a request's head, a line of a log
constexpr uint64_t kStory = 64 << 10;  ///< from here on that as many went out as came in is no chance

/// Have they a thread in common? The process is not known.
bool share_thread(const FlowPart& a, const FlowPart& b) {
  return std::ranges::any_of(
      a.threads, [&](const auto& thread) { return std::ranges::find(b.threads, thread) != b.threads.end(); });
}

/// The two ends of one connection: "tcp A - B" and "tcp B - A".
bool is_peer(const FlowEnd& a, const FlowEnd& b) {
  if (a.kind != FlowEndKind::socket || b.kind != FlowEndKind::socket) return false;
  const auto space = a.name.find(' '), between = a.name.find(kBetweenAddresses);
  if (space == a.name.npos || between == a.name.npos || between < space) return false;
  const auto own = a.name.substr(space + 1, between - space - 1);
  return b.name == a.name.substr(0, space + 1) + a.name.substr(between + kBetweenAddresses.size()) +
                       std::string(kBetweenAddresses) + own;
}

bool is_of_interest(const Run& run, const FlowPart& part) {
  if (part.refused != 0) return true;
  if (part.bytes < kLittle || !part.copies_known || run.evidence.copies == Evidence::none) return false;
  return !quantities::is_untouched(copies_per_byte(part).value_or(0), transforms_per_byte(part).value_or(0));
}

}  // namespace

/// What ends or begins in the program's memory, by its bytes.
struct Explainer::Beside {
  struct Half {
    uint64_t bytes = 0;
    const FlowEnd* end = nullptr;
    FlowPart sum;
  };
  std::vector<Half> read, written, encrypted;

  explicit Beside(const Ledger& ledger) {
    if (!ledger.flows) return;
    for (const Flow& flow : ledger.flows->list) {
      if (is_linked(flow.parts.front())) continue;
      Half half{0, flow.to.kind == FlowEndKind::memory ? &flow.from : &flow.to, total(flow)};
      half.bytes = half.sum.bytes;
      if (half.bytes < kStory) continue;
      const bool reads = flow.to.kind == FlowEndKind::memory, is_tls = half.sum.tls_bytes * 4 > half.bytes;
      if (!is_tls)
        (reads ? read : written).push_back(half);
      else if (!reads)
        encrypted.push_back(half);
    }
    for (auto* list : {&read, &written, &encrypted}) std::ranges::stable_sort(*list, {}, &Half::bytes);
  }

  /// The one of most nearly as many bytes, by a thread that both have; not what went to the same end, from which it
  /// may have been read again, nor to its peer. Which of the two was first is not known.
  static std::optional<Counterpart> nearest(const std::vector<Half>& list, const FlowEnd& end, const FlowPart& part) {
    if (part.bytes < kStory) return {};
    constexpr ptrdiff_t kNeighbours = 16;
    const auto at = std::ranges::lower_bound(list, part.bytes, {}, &Half::bytes);
    const Half* best = nullptr;
    const auto distance = [&](const Half& half) {
      return half.bytes > part.bytes ? half.bytes - part.bytes : part.bytes - half.bytes;
    };
    const auto first = at - std::min(kNeighbours, at - list.begin()),
               last = at + std::min(kNeighbours, list.end() - at);
    for (auto half = first; half != last; ++half) {
      if (*half->end == end || is_peer(end, *half->end) || !share_thread(half->sum, part)) continue;
      if (!best || distance(*half) < distance(*best)) best = &*half;
    }
    if (!best) return {};
    return Counterpart{static_cast<double>(best->bytes) / static_cast<double>(part.bytes), name_or_kind(*best->end)};
  }
};

Explainer::Explainer(const Run& run, const Ledger& ledger)
    : run_(run), ledger_(ledger), beside_(std::make_unique<Beside>(ledger)) {}

Explainer::~Explainer() = default;

std::vector<Why> Explainer::of(const Flow& flow) const {
  std::vector<const FlowPart*> parts;
  for (const FlowPart& part : flow.parts)
    if (is_of_interest(run_, part)) parts.push_back(&part);
  std::ranges::stable_sort(parts, std::greater{}, [](const FlowPart* part) { return part->cpu_bytes; });
  std::vector<Why> all;
  if (parts.empty()) return all;
  const FlowPart sum = total(flow);
  for (const FlowPart* part : parts) {
    Subject subject{run_, ledger_, flow, *part, sum, {}, {}};
    if (!is_linked(*part)) {
      const bool reads = flow.to.kind == FlowEndKind::memory;
      const FlowEnd& end = reads ? flow.from : flow.to;
      subject.beside = Beside::nearest(reads ? beside_->written : beside_->read, end, *part);
      if (reads) subject.tls_beside = Beside::nearest(beside_->encrypted, end, *part);
    }
    const auto named = [&](const std::string& name) { return value_of(name, subject); };
    for (const Rule& rule : built_in()) {
      const bool fits = std::ranges::all_of(
          rule.when, [&](const auto& condition) { return rules::holds(condition, named).value_or(false); });
      auto sentence = fits ? rules::rendered(rule.why, named) : std::nullopt;
      if (!sentence) continue;
      if (std::ranges::find(all, rule.id, &Why::id) == all.end())
        all.push_back(
            {rule.id, rule.title, std::move(*sentence), rules::rendered(rule.remedy, named).value_or(Words{})});
      break;
    }
  }
  return all;
}

std::optional<Why> why_of(const Run& run, const Ledger& ledger, const Flow& flow) {
  auto all = Explainer(run, ledger).of(flow);
  return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

void note_whys(Document& document) {
  if (!document.ledger.flows) return;
  const Explainer explainer(document.run, document.ledger);
  for (Flow& flow : document.ledger.flows->list) {
    flow.why.clear();
    for (const Why& why : explainer.of(flow)) flow.why.push_back(why.id);
  }
}

}  // namespace zctrace::why
