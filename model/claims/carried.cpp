#include "model/claims/carried.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/units.h"
#include "model/claims/run_quantities.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::claims {

using namespace timeline;

namespace {

constexpr double kMib = 1 << 20;

double per_byte(const Carried& sum, double amount) { return amount / static_cast<double>(sum.bytes); }

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

void add_bytes(Carried& sum, FlowMethod method, uint64_t bytes) {
  if (bytes == 0) return;
  const auto same = std::ranges::find(sum.methods, method, [](const auto& each) { return each.first; });
  if (same == sum.methods.end())
    sum.methods.emplace_back(method, bytes);
  else
    same->second += bytes;
}

}  // namespace

Carried carried(const Traced& traced, FlowKind meant, FlowKind also) {
  Carried sum;
  if (!traced.ledger.flows) return sum;
  for (const Flow& flow : traced.ledger.flows->list) {
    const bool counts = meant(flow);
    if (!counts && (also == nullptr || !also(flow))) continue;
    for (const FlowPart& part : flow.parts) {
      sum.cpu_bytes += part.cpu_bytes;
      sum.mode_switches += part.mode_switches;
      sum.copies_exact = sum.copies_exact && copies_evidence(part) == Evidence::exact;
      if (!counts) continue;
      sum.bytes += part.bytes;
      sum.disk_bytes += part.disk_bytes;
      add_bytes(sum, part.method, part.bytes);
    }
  }
  return sum;
}

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

Value carried_by(const Carried& sum, const Traced& traced, const Query& query, TextWith<0> none) {
  if (sum.bytes == 0) return unknown(both(none));
  const auto method = value_of<FlowMethod>(narrowed_to(query));
  uint64_t by_it = 0;
  for (const auto& [each, bytes] : sum.methods)
    if (each == method) by_it += bytes;
  const double share = per_byte(sum, static_cast<double>(by_it));
  return number(share, both(Text::claims_share_of, percent(share), format_bytes(sum.bytes)),
                traced.run.evidence.system_calls);
}

Value carried_copies(const Carried& sum, const Traced& traced, TextWith<0> none) {
  if (sum.bytes == 0) return unknown(both(none));
  const Evidence evidence = copies_evidence(traced.run, Side::sender);
  if (!sum.copies_exact || evidence != Evidence::exact) return unknown(both(Text::claims_copies_inferred));
  const double copies = per_byte(sum, static_cast<double>(sum.cpu_bytes));
  return number(copies, plain(format_ratio(copies)), evidence);
}

Value carried_switches(const Carried& sum, const Traced& traced, TextWith<0> none) {
  if (sum.bytes == 0) return unknown(both(none));
  const double switches = per_byte(sum, static_cast<double>(sum.mode_switches) * kMib);
  return number(switches, plain(format_ratio(switches)), traced.run.evidence.system_calls);
}

Value carried_disk(const Carried& sum, const Traced& traced, TextWith<0> none) {
  if (sum.bytes == 0) return unknown(both(none));
  const double share = std::min(1.0, per_byte(sum, static_cast<double>(sum.disk_bytes)));
  return number(share, plain(percent(share)), traced.run.evidence.disk);
}

Value carried_how(Carried sum, TextWith<0> none) {
  if (sum.methods.empty()) return unknown(both(none));
  std::ranges::sort(sum.methods, std::greater{}, [](const auto& each) { return each.second; });
  const auto in = [&](Language language) {
    std::string list;
    for (const auto& [method, bytes] : sum.methods)
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", carrier(std::string(text(method))).in(language),
                          format_bytes(bytes));
    return list;
  };
  Value made;
  made.text = {in(Language::english), in(Language::chinese)};
  return made;
}

}  // namespace zctrace::claims
