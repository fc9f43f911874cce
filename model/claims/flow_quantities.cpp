#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "model/claims/method_claims.h"
#include "model/claims/run_quantities.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::claims {
namespace {

using namespace timeline;

std::string narrowed_to(const Query& query) {
  const auto found = query.with.find("call");
  return found == query.with.end() ? std::string() : found->second;
}

Value number(double value, Words text, Evidence evidence) {
  Value made;
  made.number = value;
  made.text = std::move(text);
  made.evidence = evidence;
  return made;
}

bool is_sent_file(const Flow& flow) {
  return flow.from.kind == FlowEndKind::file && flow.to.kind == FlowEndKind::socket;
}

/// What InnoDB keeps tables in.
bool is_table(const Flow& flow) {
  const auto is = [](const FlowEnd& end) { return end.kind == FlowEndKind::file && end.name.ends_with(".ibd"); };
  return is(flow.from) || is(flow.to);
}

/// Bytes of the flows that are meant, by method.
template <class Meant, class Counts>
uint64_t bytes(const Traced& traced, const Meant& meant, const Counts& counts) {
  uint64_t sum = 0;
  if (!traced.ledger.flows) return sum;
  for (const Flow& flow : traced.ledger.flows->list)
    if (meant(flow))
      for (const FlowPart& part : flow.parts)
        if (counts(part)) sum += part.bytes;
  return sum;
}

/// The share that the method in question carried.
template <class Meant>
Value share(const Traced& traced, const Query& query, const Meant& meant, TextWith<0> none) {
  const auto method = value_of<FlowMethod>(narrowed_to(query));
  const uint64_t all = bytes(traced, meant, [](const FlowPart&) { return true; });
  if (all == 0) return unknown(both(none));
  const uint64_t carried = bytes(traced, meant, [&](const FlowPart& part) { return part.method == method; });
  const double ratio = static_cast<double>(carried) / static_cast<double>(all);
  return number(ratio, both(Text::claims_share_of, fmt::format("{:.1f}%", 100 * ratio), format_bytes(all)),
                traced.run.evidence.system_calls);
}

Value sent_by(const Traced& traced, const Query& query) {
  return share(traced, query, is_sent_file, Text::claims_no_file_sent);
}
Value table_by(const Traced& traced, const Query& query) {
  return share(traced, query, is_table, Text::claims_no_table);
}

Value sent_copies(const Traced& traced, const Query&) {
  uint64_t arrived = 0, copied = 0;
  bool known = copies_evidence(traced.run, Side::sender) == Evidence::exact;
  if (traced.ledger.flows)
    for (const Flow& flow : traced.ledger.flows->list) {
      if (!is_sent_file(flow)) continue;
      const FlowPart sum = total(flow);
      arrived += sum.bytes;
      copied += sum.cpu_bytes;
      known = known && copies_evidence(sum) == Evidence::exact;
    }
  if (arrived == 0) return unknown(both(Text::claims_no_file_sent));
  if (!known) return unknown(both(Text::claims_copies_inferred));
  const double ratio = static_cast<double>(copied) / static_cast<double>(arrived);
  return number(ratio, plain(format_ratio(ratio)), copies_evidence(traced.run, Side::sender));
}

/// How often the program made a call.
Value calls_of(const Traced& traced, const Query& query) {
  const auto& calls = traced.ledger.sender.syscalls;
  const auto found = calls.find(narrowed_to(query));
  const uint64_t count = found == calls.end() ? 0 : found->second;
  return number(static_cast<double>(count), plain(format_count(count)), traced.run.evidence.system_calls);
}

/// How files went to sockets, in words: "sendfile 4 MiB, read + write 512 B".
Value sent_how(const Traced& traced, const Query&) {
  MethodBytes methods;
  if (traced.ledger.flows)
    for (const Flow& flow : traced.ledger.flows->list)
      for (const FlowPart& part : flow.parts)
        if (is_sent_file(flow)) add_bytes(methods, part.method, part.bytes);
  return methods.empty() ? unknown(both(Text::claims_no_file_sent)) : list_of(std::move(methods));
}

}  // namespace

Words carrier(const std::string& name) {
  return {carrier_title(name, Language::english), carrier_title(name, Language::chinese)};
}

void add_bytes(MethodBytes& methods, FlowMethod method, uint64_t bytes) {
  if (bytes == 0) return;
  const auto same = std::ranges::find(methods, method, &MethodBytes::value_type::first);
  if (same == methods.end())
    methods.emplace_back(method, bytes);
  else
    same->second += bytes;
}

Value list_of(MethodBytes methods) {
  std::ranges::sort(methods, std::greater{}, &MethodBytes::value_type::second);
  const auto in = [&](Language language) {
    std::string list;
    for (const auto& [method, sum] : methods)
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", carrier(std::string(text(method))).in(language),
                          format_bytes(sum));
    return list;
  };
  Value made;
  made.text = {in(Language::english), in(Language::chinese)};
  return made;
}

const std::vector<FlowQuantity>& flow_quantities() {
  static const std::vector<FlowQuantity> all{
      {"sent_by", Text::quantity_sent_by, sent_by},
      {"table_by", Text::quantity_table_by, table_by},
      {"sent_copies", Text::quantity_sent_copies, sent_copies},
      {"calls_of", Text::quantity_calls_of, calls_of},
      {"sent_how", Text::quantity_calls, sent_how},
      {"log_by", Text::quantity_log_by, log_by},
      {"log_copies", Text::quantity_log_copies, log_copies},
      {"log_switches", Text::quantity_log_switches, log_switches},
      {"log_disk", Text::quantity_log_disk, log_disk},
      {"log_how", Text::quantity_calls, log_how},
      {"answered_by", Text::quantity_answered_by, answered_by},
      {"answered_copies", Text::quantity_answered_copies, answered_copies},
      {"answered_switches", Text::quantity_answered_switches, answered_switches},
      {"answered_disk", Text::quantity_answered_disk, answered_disk},
      {"answered_how", Text::quantity_calls, answered_how},
  };
  return all;
}

}  // namespace zctrace::claims
