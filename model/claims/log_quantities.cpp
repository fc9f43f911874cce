#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/units.h"
#include "model/claims/run_quantities.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

/// How a message broker served its log, the files that hold its messages, to whoever asked for it. Where it went
/// through the program's memory, what the program did to it there is not seen, and what it wrote to sockets counts with
/// it.
namespace zctrace::claims {
namespace {

using namespace timeline;

constexpr double kMib = 1 << 20;

/// Segments of Kafka and BookKeeper end in .log, RocketMQ's lie in a folder; what Kafka keeps for itself does not
/// count.
bool is_log(const FlowEnd& end) {
  return end.kind == FlowEndKind::file && end.name.find("/__") == std::string::npos &&
         (end.name.ends_with(".log") || end.name.find("/commitlog/") != std::string::npos);
}

bool is_answer(const Flow& flow) {
  return flow.from.kind == FlowEndKind::memory && flow.to.kind == FlowEndKind::socket;
}

template <class Each>
void each_part(const Traced& traced, const Each& each) {
  if (!traced.ledger.flows) return;
  for (const Flow& flow : traced.ledger.flows->list)
    for (const FlowPart& part : flow.parts) each(flow, part);
}

struct Served {
  uint64_t bytes = 0, disk_bytes = 0;         ///< that left the log
  uint64_t cpu_bytes = 0, mode_switches = 0;  ///< with the answers
  bool copies_known = true;
};

Served served(const Traced& traced) {
  Served sum;
  each_part(traced, [&](const Flow& flow, const FlowPart& part) {
    const bool log = is_log(flow.from);
    if (!log && !is_answer(flow)) return;
    sum.cpu_bytes += part.cpu_bytes;
    sum.mode_switches += part.mode_switches;
    sum.copies_known = sum.copies_known && part.copies_known;
    if (!log) return;
    sum.bytes += part.bytes;
    sum.disk_bytes += part.disk_bytes;
  });
  return sum;
}

Value ratio(double value, Words text, Evidence evidence) {
  Value made;
  made.number = value;
  made.text = std::move(text);
  made.evidence = evidence;
  return made;
}

Value none() { return unknown(both(Text::claims_no_log_served)); }

Words percent(double share) { return plain(fmt::format("{:.1f}%", 100 * share)); }

}  // namespace

Value log_by(const Traced& traced, const Query& query) {
  const auto narrowed = query.with.find("call");
  const auto method =
      narrowed == query.with.end() ? std::optional<FlowMethod>() : value_of<FlowMethod>(narrowed->second);
  uint64_t all = 0, carried = 0;
  each_part(traced, [&](const Flow& flow, const FlowPart& part) {
    if (!is_log(flow.from)) return;
    all += part.bytes;
    if (part.method == method) carried += part.bytes;
  });
  if (all == 0) return none();
  const double share = static_cast<double>(carried) / static_cast<double>(all);
  return ratio(share, both(Text::claims_share_of, percent(share), format_bytes(all)), traced.run.evidence.system_calls);
}

Value log_copies(const Traced& traced, const Query&) {
  const Served sum = served(traced);
  if (sum.bytes == 0) return none();
  const Evidence evidence = copies_evidence(traced.run, Side::sender);
  if (!sum.copies_known || evidence != Evidence::exact) return unknown(both(Text::claims_copies_inferred));
  const double copies = static_cast<double>(sum.cpu_bytes) / static_cast<double>(sum.bytes);
  return ratio(copies, plain(format_ratio(copies)), evidence);
}

Value log_switches(const Traced& traced, const Query&) {
  const Served sum = served(traced);
  if (sum.bytes == 0) return none();
  const double switches = static_cast<double>(sum.mode_switches) * kMib / static_cast<double>(sum.bytes);
  return ratio(switches, plain(format_ratio(switches)), traced.run.evidence.system_calls);
}

Value log_disk(const Traced& traced, const Query&) {
  const Served sum = served(traced);
  if (sum.bytes == 0) return none();
  const double share = std::min(1.0, static_cast<double>(sum.disk_bytes) / static_cast<double>(sum.bytes));
  return ratio(share, percent(share), traced.run.evidence.disk);
}

Value log_how(const Traced& traced, const Query&) {
  MethodBytes methods;
  each_part(traced, [&](const Flow& flow, const FlowPart& part) {
    if (is_log(flow.from)) add_bytes(methods, part.method, part.bytes);
  });
  return methods.empty() ? none() : list_of(std::move(methods));
}

}  // namespace zctrace::claims
