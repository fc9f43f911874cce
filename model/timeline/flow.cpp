#include "model/timeline/flow.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/timeline/names.h"

namespace zctrace::timeline {

namespace {

/// Parts added up.
class Sum {
 public:
  void add(const FlowPart& part) {
    if (part.bytes >= most_) {
      most_ = part.bytes;
      sum_.method = part.method;
      sum_.link = part.link;
    }
    sum_.bytes += part.bytes;
    sum_.repeated_bytes += part.repeated_bytes;
    sum_.calls += part.calls;
    sum_.requests += part.requests;
    sum_.mode_switches += part.mode_switches;
    sum_.cpu_bytes += part.cpu_bytes;
    sum_.buffer_bytes += part.buffer_bytes;
    sum_.tls_bytes += part.tls_bytes;
    std::vector<Fact> facts;
    std::ranges::set_union(sum_.facts, part.facts, std::back_inserter(facts));
    sum_.facts = std::move(facts);
    if (sum_.error.empty()) sum_.error = part.error;
    if (sum_.error == part.error) sum_.refused += part.refused;
    sum_.copies_known = sum_.copies_known && part.copies_known;
    sum_.unexplained_bytes += part.unexplained_bytes;
    if (part.unexplained_bytes != 0) sum_.unexplained_by = std::max(sum_.unexplained_by, part.unexplained_by);
    sum_.at_least_by = std::max(sum_.at_least_by, part.at_least_by);
    sum_.reference_bytes += part.reference_bytes;
    sum_.transform_bytes += part.transform_bytes;
    std::vector<Cipher> ciphers;
    std::ranges::set_union(sum_.transform_by, part.transform_by, std::back_inserter(ciphers));
    sum_.transform_by = std::move(ciphers);
    sum_.disk_bytes += part.disk_bytes;
    sum_.written_bytes += part.written_bytes;
    sum_.written_later_bytes += part.written_later_bytes;
    if (part.first_ns != 0 && (sum_.first_ns == 0 || part.first_ns < sum_.first_ns)) sum_.first_ns = part.first_ns;
    sum_.last_ns = std::max(sum_.last_ns, part.last_ns);
    for (const auto& thread : part.threads) {
      if (std::ranges::find(sum_.threads, thread) != sum_.threads.end()) continue;
      if (sum_.threads.size() < kThreads)
        sum_.threads.push_back(thread);
      else
        sum_.more_threads = true;
    }
    sum_.more_threads = sum_.more_threads || part.more_threads;
  }
  const FlowPart& sum() const { return sum_; }

 private:
  FlowPart sum_;
  uint64_t most_ = 0;
};

double ratio(uint64_t a, uint64_t b) { return static_cast<double>(a) / static_cast<double>(b); }

}  // namespace

std::string name_or_kind(const FlowEnd& end) { return end.name.empty() ? std::string(text(end.kind)) : end.name; }

void set_process(Flow& flow, std::optional<Process> process) {
  for (FlowEnd* end : {&flow.from, &flow.to})
    if (end->kind == FlowEndKind::memory) end->process = process;
  flow.process = std::move(process);
}

FlowPart total(const Flow& flow) {
  Sum sum;
  for (const FlowPart& part : flow.parts) sum.add(part);
  return sum.sum();
}

bool is_mixed(const Flow& flow) {
  return std::ranges::count_if(flow.parts, [](const FlowPart& part) { return part.bytes != 0; }) > 1;
}

bool is_linked(const FlowPart& part) { return part.link != FlowLink::none; }

FlowPart passed_on(const Flows& flows) {
  Sum sum;
  for (const Flow& flow : flows.list)
    for (const FlowPart& part : flow.parts)
      if (is_linked(part)) sum.add(part);
  return sum.sum();
}

uint64_t moved_bytes(const Flows& flows) {
  uint64_t bytes = 0;
  for (const Flow& flow : flows.list) bytes += total(flow).bytes;
  return bytes;
}

Evidence copies_evidence(const FlowPart& part) {
  if (!part.copies_known) return Evidence::none;
  return part.at_least_by ? Evidence::at_least : Evidence::exact;
}

std::optional<double> copies_per_byte(const FlowPart& part) {
  if (part.bytes == 0 || !part.copies_known) return std::nullopt;
  return ratio(part.cpu_bytes, part.bytes);
}

std::optional<double> transforms_per_byte(const FlowPart& part) {
  if (part.bytes == 0 || part.transform_bytes == 0) return std::nullopt;
  return ratio(part.transform_bytes, part.bytes);
}

uint64_t uncopied_bytes(const FlowPart& part) {
  return copies_evidence(part) == Evidence::exact ? part.bytes - std::min(part.bytes, part.cpu_bytes) : 0;
}

std::optional<double> mode_switches_per_mib(const FlowPart& part) {
  if (part.bytes == 0 || part.requests != 0) return std::nullopt;
  constexpr double kMiB = 1024 * 1024;
  return static_cast<double>(part.mode_switches) * kMiB / static_cast<double>(part.bytes);
}

std::optional<double> cache_reuse(const Flow& flow) {
  const auto all = total(flow);
  if (flow.from.kind != FlowEndKind::file || all.bytes == 0) return std::nullopt;
  // Read-ahead may bring more than was asked for.
  return 1 - std::min(1.0, ratio(all.disk_bytes, all.bytes));
}

}  // namespace zctrace::timeline
