#include "userspace/timeline/json_head.h"
#include "userspace/timeline/ledger.h"
#include "userspace/timeline/names.h"

namespace zctrace::timeline {
namespace {

using Json = nlohmann::ordered_json;

Json known(std::optional<double> figure) { return figure ? Json(*figure) : Json(nullptr); }

Json evidence_json(const EvidenceSet& evidence) {
  Json checks = Json::array(), hooks = Json::array();
  for (const auto& check : evidence.cross_check)
    checks.push_back({{"side", text(check.side)},
                      {"from", text(check.from)},
                      {"to", text(check.to)},
                      {"by_breakpoint", check.by_breakpoint},
                      {"by_ftrace", check.by_ftrace},
                      {"breakpoint_bytes", check.breakpoint_bytes},
                      {"ftrace_bytes", check.ftrace_bytes},
                      {"agree", check.agree()}});
  for (const auto& hook : evidence.hooks)
    hooks.push_back({{"name", hook.name}, {"kind", hook.kind}, {"state", hook.state}});
  return {{"copies", text(evidence.copies)},
          {"receiver_copies", text(evidence.receiver_copies)},
          {"system_calls", text(evidence.system_calls)},
          {"page_faults", text(evidence.page_faults)},
          {"context_switches", text(evidence.context_switches)},
          {"disk", text(evidence.disk)},
          {"nic", text(evidence.nic)},
          {"copies_unknown", evidence.copies_unknown},
          {"mechanism", evidence.mechanism},
          {"cross_check", std::move(checks)},
          {"hooks", std::move(hooks)},
          {"notes", evidence.notes}};
}

Json mode_switches_json(const ModeSwitches& switches) {
  return {{"total", switches.total()}, {"syscall", switches.syscall}, {"fault", switches.fault}};
}

/// The figures that both sides have, appended to `into`.
void add_figures(Json& into, const Figures& figures, std::optional<double> per_chunk, bool sender) {
  into["syscalls"] = figures.syscalls;
  into["mode_switches"] = mode_switches_json(figures.mode_switches);
  if (sender) into["mode_switches_per_chunk"] = known(per_chunk);
  into["page_faults"] = {{"user", figures.user_faults}, {"kernel", figures.kernel_faults}};
  into["context_switches"] = {{"voluntary", figures.voluntary_switches}, {"involuntary", figures.involuntary_switches}};
  into["cpu_time_ns"] = figures.cpu_ns ? Json(*figures.cpu_ns) : Json(nullptr);
}

}  // namespace

Json run_to_json(const Run& run) {
  return {{"method", run.method},
          {"command", run.command},
          {"size", run.size},
          {"chunk", run.chunk},
          {"cache", run.cache},
          {"kernel", {{"release", run.kernel.release}, {"where", run.kernel.where}, {"arch", run.kernel.arch}}},
          {"source",
           {{"device", run.source.device},
            {"filesystem", run.source.filesystem},
            {"dma", run.source.dma},
            {"file", run.source.file},
            {"resident_bytes", run.source.resident_bytes}}},
          {"path",
           {{"kind", run.path.kind},
            {"device", run.path.device},
            {"driver", run.path.driver},
            {"dma", run.path.dma},
            {"scatter_gather", run.path.scatter_gather},
            {"tx_checksum", run.path.tx_checksum},
            {"tso", run.path.tso}}},
          {"evidence", evidence_json(run.evidence)},
          {"lost", {{"events", run.lost.events}, {"by_kind", run.lost.by_kind}}},
          {"duration_ns", run.duration_ns},
          {"sinks", run.sinks},
          {"complete", run.complete}};
}

Json ledger_to_json(const Run& run, const Ledger& ledger) {
  Json json{{"payload_bytes", ledger.payload_bytes},
            {"received_bytes", ledger.received_bytes},
            {"cpu_copies_per_byte", known(cpu_copies_per_byte(run, ledger, Side::sender))}};
  auto& copies = json["copies"] = Json::array();
  for (const auto& copy : ledger.copies)
    copies.push_back({{"from", text(copy.from)},
                      {"to", text(copy.to)},
                      {"by", text(copy.by)},
                      {"function", copy.function},
                      {"via", copy.via},
                      {"bytes", copy.bytes},
                      {"calls", copy.calls},
                      {"side", text(copy.side)},
                      {"context", text(copy.context)},
                      {"evidence", text(copy.evidence)}});
  add_figures(json, ledger.sender, mode_switches_per_chunk(run, ledger), true);
  json["dma"] = {{"disk_bytes", ledger.dma.disk_bytes},
                 {"disk_requests", ledger.dma.disk_requests},
                 {"nic_bytes", ledger.dma.nic_bytes},
                 {"nic_packets", ledger.dma.nic_packets}};
  json["transmit"] = {{"packets", ledger.transmit.packets},
                      {"payload_bytes", ledger.transmit.payload_bytes},
                      {"linear_bytes", ledger.transmit.linear_bytes},
                      {"paged_bytes", ledger.transmit.paged_bytes},
                      {"header_bytes", ledger.transmit.header_bytes}};
  auto& receiver = json["receiver"];
  receiver["cpu_copies_per_byte"] = known(cpu_copies_per_byte(run, ledger, Side::receiver));
  add_figures(receiver, ledger.receiver, std::nullopt, false);
  return json;
}

}  // namespace zctrace::timeline
