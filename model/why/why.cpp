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

/// What is written before anything was read does not hold it.
bool may_follow(const FlowPart& read, const FlowPart& written) { return written.last_ns >= read.first_ns; }

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
    const Flow* flow = nullptr;
    FlowPart sum;
    std::pair<uint32_t, uint64_t> key() const { return {flow->process->pid, bytes}; }
  };
  std::vector<Half> read, written, encrypted;
  Moved moved;

  explicit Beside(const Ledger& ledger) {
    if (!ledger.flows) return;
    for (const Flow& flow : ledger.flows->list) {
      for (const FlowPart& part : flow.parts) add(part);
      if (flow.parts.empty() || is_linked(flow.parts.front()) || !flow.process || flow.process->pid == 0) continue;
      Half half{0, flow.to.kind == FlowEndKind::memory ? &flow.from : &flow.to, &flow, total(flow)};
      half.bytes = half.sum.bytes;
      if (half.bytes < kStory) continue;
      const bool reads = flow.to.kind == FlowEndKind::memory, is_tls = half.sum.tls_bytes * 4 > half.bytes;
      if (!is_tls)
        (reads ? read : written).push_back(half);
      else if (!reads)
        encrypted.push_back(half);
    }
    for (auto* list : {&read, &written, &encrypted}) std::ranges::stable_sort(*list, {}, &Half::key);
  }

  void add(const FlowPart& part) {
    const auto is_one = [&](std::initializer_list<FlowMethod> methods) {
      return std::ranges::find(methods, part.method) != methods.end();
    };
    if (is_one({FlowMethod::read, FlowMethod::read_write, FlowMethod::direct_io})) moved.read += part.bytes;
    if (is_one({FlowMethod::write, FlowMethod::read_write, FlowMethod::direct_io, FlowMethod::mmap_write}))
      moved.written += part.bytes;
  }

  /// The one of most nearly as many bytes the other way through the memory of the same process; not what went to the
  /// same end, from which it may have been read again, nor to its peer.
  static std::optional<Counterpart> nearest(const std::vector<Half>& list, const Flow& flow, const FlowPart& part) {
    // Of several processes that are told together it is not known whose memory it was.
    if (part.bytes < kStory || !flow.process || flow.process->pid == 0) return {};
    const bool reads = flow.to.kind == FlowEndKind::memory;
    const FlowEnd& end = reads ? flow.from : flow.to;
    constexpr ptrdiff_t kNeighbours = 16;
    const auto at = std::ranges::lower_bound(list, std::pair(flow.process->pid, part.bytes), {}, &Half::key);
    const Half* best = nullptr;
    const auto distance = [&](const Half& half) {
      return half.bytes > part.bytes ? half.bytes - part.bytes : part.bytes - half.bytes;
    };
    const auto first = at - std::min(kNeighbours, at - list.begin()),
               last = at + std::min(kNeighbours, list.end() - at);
    for (auto half = first; half != last; ++half) {
      if (*half->end == end || is_peer(end, *half->end) || half->flow->process != flow.process) continue;
      if (!(reads ? may_follow(part, half->sum) : may_follow(half->sum, part))) continue;
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
    Subject subject{run_, ledger_, flow, *part, sum, beside_->moved, {}, {}};
    if (!is_linked(*part)) {
      const bool reads = flow.to.kind == FlowEndKind::memory;
      subject.beside = Beside::nearest(reads ? beside_->written : beside_->read, flow, *part);
      if (reads) subject.tls_beside = Beside::nearest(beside_->encrypted, flow, *part);
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
