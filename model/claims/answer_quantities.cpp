#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/units.h"
#include "model/claims/run_quantities.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

/// What a program wrote to its sockets, wherever it had it from: also what it read from a mapped file, or took from
/// its own memory, where no call tells the file. What it read of files to answer counts with it.
namespace zctrace::claims {
namespace {

using namespace timeline;

constexpr double kMib = 1 << 20;

bool is_answer(const Flow& flow) { return flow.to.kind == FlowEndKind::socket; }

/// What the kernel tells of itself is no payload.
bool is_read(const Flow& flow) {
  return flow.from.kind == FlowEndKind::file && flow.to.kind == FlowEndKind::memory &&
         !flow.from.name.starts_with("/proc/") && !flow.from.name.starts_with("/sys/");
}

struct Answered {
  uint64_t bytes = 0;                         ///< to sockets
  uint64_t cpu_bytes = 0, mode_switches = 0;  ///< with what was read of files
  bool copies_known = true;
  MethodBytes methods;
};

Answered answered(const Traced& traced) {
  Answered sum;
  if (!traced.ledger.flows) return sum;
  for (const Flow& flow : traced.ledger.flows->list) {
    if (!is_answer(flow) && !is_read(flow)) continue;
    for (const FlowPart& part : flow.parts) {
      sum.cpu_bytes += part.cpu_bytes;
      sum.mode_switches += part.mode_switches;
      sum.copies_known = sum.copies_known && part.copies_known;
      if (!is_answer(flow)) continue;
      sum.bytes += part.bytes;
      add_bytes(sum.methods, part.method, part.bytes);
    }
  }
  return sum;
}

Value ratio(double value, Words text, Evidence evidence) {
  Value made;
  made.number = value;
  made.text = std::move(text);
  made.evidence = evidence;
  return made;
}

Value none() { return unknown(both(Text::claims_nothing_answered)); }

Words percent(double share) { return plain(fmt::format("{:.1f}%", 100 * share)); }

}  // namespace

Value answered_by(const Traced& traced, const Query& query) {
  const auto narrowed = query.with.find("call");
  const auto method =
      narrowed == query.with.end() ? std::optional<FlowMethod>() : value_of<FlowMethod>(narrowed->second);
  const Answered sum = answered(traced);
  if (sum.bytes == 0) return none();
  uint64_t carried = 0;
  for (const auto& [each, bytes] : sum.methods)
    if (each == method) carried += bytes;
  const double share = static_cast<double>(carried) / static_cast<double>(sum.bytes);
  return ratio(share, both(Text::claims_share_of, percent(share), format_bytes(sum.bytes)),
               traced.run.evidence.system_calls);
}

Value answered_copies(const Traced& traced, const Query&) {
  const Answered sum = answered(traced);
  if (sum.bytes == 0) return none();
  const Evidence evidence = copies_evidence(traced.run, Side::sender);
  if (!sum.copies_known || evidence != Evidence::exact) return unknown(both(Text::claims_copies_inferred));
  const double copies = static_cast<double>(sum.cpu_bytes) / static_cast<double>(sum.bytes);
  return ratio(copies, plain(format_ratio(copies)), evidence);
}

Value answered_switches(const Traced& traced, const Query&) {
  const Answered sum = answered(traced);
  if (sum.bytes == 0) return none();
  const double switches = static_cast<double>(sum.mode_switches) * kMib / static_cast<double>(sum.bytes);
  return ratio(switches, plain(format_ratio(switches)), traced.run.evidence.system_calls);
}

/// Of all that the program had read from it meanwhile: a page fault reads for no call.
Value answered_disk(const Traced& traced, const Query&) {
  const Answered sum = answered(traced);
  if (sum.bytes == 0) return none();
  const double share =
      std::min(1.0, static_cast<double>(traced.ledger.dma.disk_bytes) / static_cast<double>(sum.bytes));
  return ratio(share, percent(share), traced.run.evidence.disk);
}

Value answered_how(const Traced& traced, const Query&) {
  Answered sum = answered(traced);
  return sum.methods.empty() ? none() : list_of(std::move(sum.methods));
}

}  // namespace zctrace::claims
