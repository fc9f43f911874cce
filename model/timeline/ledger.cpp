#include "model/timeline/ledger.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace zctrace::timeline {
namespace {

bool same_key(const Copy& a, const Copy& b) {
  return std::tie(a.from, a.to, a.by, a.side, a.context, a.function, a.via, a.cipher) ==
         std::tie(b.from, b.to, b.by, b.side, b.context, b.function, b.via, b.cipher);
}

/// Where an end lies on the road from disk to network; the receiver walks it backwards.
int station(End end) {
  switch (end) {
    case End::disk:
      return 0;
    case End::page_cache:
      return 1;
    case End::user_buffer:
      return 2;
    case End::pipe:
      return 3;
    case End::socket_buffer:
      return 4;
    case End::nic:
      return 5;
    case End::file:
      return 6;
  }
  return 7;
}

}  // namespace

uint64_t cpu_bytes(const Ledger& ledger, Side side) {
  uint64_t bytes = 0;
  for (const auto& copy : ledger.copies)
    if (copy.by == Mover::cpu && copy.side == side) bytes += copy.bytes;
  return bytes;
}

uint64_t side_bytes(const Ledger& ledger, Side side) {
  return side == Side::sender ? ledger.payload_bytes : ledger.received_bytes;
}

std::optional<double> cpu_copies_per_byte(const Ledger& ledger, Side side) {
  const auto bytes = side_bytes(ledger, side);
  if (bytes == 0) return std::nullopt;
  return static_cast<double>(cpu_bytes(ledger, side)) / static_cast<double>(bytes);
}

std::optional<double> cpu_copies_per_byte(const Run& run, const Ledger& ledger, Side side) {
  if (copies_evidence(run, side) == Evidence::none) return std::nullopt;
  if (side == Side::receiver && !has_receiver(run)) return std::nullopt;
  if (side == Side::sender && ledger.flows) return copies_per_byte(passed_on(*ledger.flows));
  if (side == Side::sender && run.evidence.copies_unknown) return std::nullopt;
  return cpu_copies_per_byte(ledger, side);
}

uint64_t transformed_bytes(const Ledger& ledger) {
  uint64_t bytes = 0;
  for (const auto& copy : ledger.copies)
    if (copy.by == Mover::transform && copy.side == Side::sender) bytes += copy.bytes;
  return bytes;
}

std::vector<Cipher> ciphers(const Ledger& ledger) {
  std::vector<Cipher> found;
  for (const auto& copy : ledger.copies)
    if (copy.side == Side::sender && copy.cipher) found.push_back(*copy.cipher);
  return found;
}

std::optional<double> transforms_per_byte(const Run& run, const Ledger& ledger) {
  const auto bytes = transformed_bytes(ledger);
  if (run.evidence.copies == Evidence::none || ledger.payload_bytes == 0 || bytes == 0) return std::nullopt;
  if (run.kernel_tls && bytes < ledger.payload_bytes) return std::nullopt;
  return static_cast<double>(bytes) / static_cast<double>(ledger.payload_bytes);
}

std::optional<double> copies_per_byte(const Run& run, const FlowPart& part) {
  if (run.evidence.copies == Evidence::none) return std::nullopt;
  return copies_per_byte(part);
}

std::optional<double> mode_switches_per_mib(const Run& run, const FlowPart& part) {
  if (run.evidence.system_calls == Evidence::none) return std::nullopt;
  return mode_switches_per_mib(part);
}

std::optional<double> cache_reuse(const Run& run, const Flow& flow) {
  if (run.evidence.disk == Evidence::none) return std::nullopt;
  return cache_reuse(flow);
}

bool is_program(const Run& run) { return run.method == "exec" || run.method == "attach"; }

Evidence copies_evidence(const Run& run, Side side) {
  return side == Side::sender ? run.evidence.copies : run.evidence.receiver_copies;
}

Evidence copies_evidence(const Run& run, const Ledger& ledger, Side side) {
  const auto evidence = copies_evidence(run, side);
  if (side == Side::receiver || !ledger.flows) return evidence;
  return std::max(evidence, copies_evidence(passed_on(*ledger.flows)));
}

bool has_network(const Run& run) { return target_of(run) == End::socket_buffer; }

bool has_no_disk(const Run& run, const Ledger& ledger) {
  return !run.source.dma && !run.source.filesystem.empty() && ledger.dma.disk_requests == 0;
}

bool has_receiver(const Run& run) { return target_of(run) != End::file && !is_program(run); }

End target_of(const Run& run) {
  if (run.path.kind == "file") return End::file;
  return run.path.kind == "pipe" ? End::pipe : End::socket_buffer;
}

uint64_t chunks(const Run& run) {
  if (run.chunk == 0) return 0;
  return run.size / run.chunk + (run.size % run.chunk != 0);
}

Evidence mode_switches_evidence(const Run& run) {
  return std::max(run.evidence.system_calls, run.evidence.page_faults);
}

std::optional<double> mode_switches_per_chunk(const Run& run, const Ledger& ledger) {
  const auto count = chunks(run);
  if (count == 0 || mode_switches_evidence(run) == Evidence::none) return std::nullopt;
  return static_cast<double>(ledger.sender.mode_switches.total()) / static_cast<double>(count);
}

std::vector<Edge> edges(const Ledger& ledger, Side side) {
  std::vector<Edge> all;
  for (const auto& copy : ledger.copies) {
    if (copy.side != side) continue;
    auto found = std::find_if(all.begin(), all.end(), [&](const Edge& edge) {
      return edge.from == copy.from && edge.to == copy.to && edge.by == copy.by;
    });
    if (found == all.end()) found = all.insert(all.end(), Edge{copy.from, copy.to, copy.by, 0, 0, {}});
    found->bytes += copy.bytes;
    found->calls += copy.calls;
    found->copies.push_back(copy);
  }
  for (auto& edge : all)
    std::stable_sort(edge.copies.begin(), edge.copies.end(),
                     [](const Copy& a, const Copy& b) { return a.bytes > b.bytes; });
  const int direction = side == Side::sender ? 1 : -1;
  std::stable_sort(all.begin(), all.end(), [&](const Edge& a, const Edge& b) {
    return std::tuple(direction * station(a.from), direction * station(a.to), a.by) <
           std::tuple(direction * station(b.from), direction * station(b.to), b.by);
  });
  return all;
}

void merge_copies(std::vector<Copy>& copies) {
  std::vector<Copy> merged;
  for (auto& copy : copies) {
    auto found = std::find_if(merged.begin(), merged.end(), [&](const Copy& seen) { return same_key(seen, copy); });
    if (found == merged.end()) {
      merged.push_back(std::move(copy));
      continue;
    }
    found->bytes += copy.bytes;
    found->calls += copy.calls;
    found->evidence = std::max(found->evidence, copy.evidence);
  }
  copies = std::move(merged);
}

uint64_t call_count(const Figures& figures) {
  return std::accumulate(figures.syscalls.begin(), figures.syscalls.end(), uint64_t{0},
                         [](uint64_t sum, const auto& call) { return sum + call.second; });
}

}  // namespace zctrace::timeline
