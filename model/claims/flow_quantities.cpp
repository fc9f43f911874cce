#include "base/units.h"
#include "model/claims/carried.h"
#include "model/claims/method_claims.h"
#include "model/claims/run_quantities.h"

namespace zctrace::claims {
namespace {

using namespace timeline;

bool is_sent_file(const Flow& flow) {
  return flow.from.kind == FlowEndKind::file && flow.to.kind == FlowEndKind::socket;
}

/// What InnoDB keeps tables in.
bool is_table(const Flow& flow) {
  const auto is = [](const FlowEnd& end) { return end.kind == FlowEndKind::file && end.name.ends_with(".ibd"); };
  return is(flow.from) || is(flow.to);
}

Value sent_by(const Traced& traced, const Query& query) {
  return carried_by(carried(traced, is_sent_file), traced, query, Text::claims_no_file_sent);
}
Value table_by(const Traced& traced, const Query& query) {
  return carried_by(carried(traced, is_table), traced, query, Text::claims_no_table);
}
Value sent_copies(const Traced& traced, const Query&) {
  return carried_copies(carried(traced, is_sent_file), traced, Text::claims_no_file_sent);
}

/// How often the program made a call.
Value calls_of(const Traced& traced, const Query& query) {
  const auto& calls = traced.ledger.sender.syscalls;
  const auto found = calls.find(narrowed_to(query));
  const uint64_t count = found == calls.end() ? 0 : found->second;
  return number(static_cast<double>(count), plain(format_count(count)), traced.run.evidence.system_calls);
}

/// How files went to sockets.
Value sent_how(const Traced& traced, const Query&) {
  return carried_how(carried(traced, is_sent_file), Text::claims_no_file_sent);
}

}  // namespace

Words carrier(const std::string& name) {
  return {carrier_title(name, Language::english), carrier_title(name, Language::chinese)};
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
