#include <nlohmann/json.hpp>
#include "model/language/message_json.h"
#include "model/timeline/json_head.h"

#include "model/timeline/chains.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::timeline {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson known(std::optional<double> figure) { return figure ? OrderedJson(*figure) : OrderedJson(nullptr); }

OrderedJson evidence_json(const EvidenceSet& evidence) {
  OrderedJson checks = OrderedJson::array(), hooks = OrderedJson::array(), notes = OrderedJson::array();
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
  for (const auto& note : evidence.notes) notes.push_back(message_to_json(note));
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
          {"notes", std::move(notes)}};
}

OrderedJson kernel_json(const Kernel& kernel) {
  OrderedJson json{{"release", kernel.release}, {"where", kernel.where}, {"arch", kernel.arch}};
  if (!kernel.parameters.empty()) json["parameters"] = kernel.parameters;
  return json;
}

OrderedJson mode_switches_json(const ModeSwitches& switches) {
  return {{"total", switches.total()}, {"syscall", switches.syscall}, {"fault", switches.fault}};
}

/// The figures that both sides have, appended to `into`.
void add_figures(OrderedJson& into, const Figures& figures, std::optional<double> per_chunk, bool sender) {
  into["syscalls"] = figures.syscalls;
  into["mode_switches"] = mode_switches_json(figures.mode_switches);
  if (sender) into["mode_switches_per_chunk"] = known(per_chunk);
  into["page_faults"] = {{"user", figures.user_faults}, {"kernel", figures.kernel_faults}};
  into["context_switches"] = {{"voluntary", figures.voluntary_switches}, {"involuntary", figures.involuntary_switches}};
  into["cpu_time_ns"] = figures.cpu_ns ? OrderedJson(*figures.cpu_ns) : OrderedJson(nullptr);
  if (const auto& own = figures.array_copies)
    into["array_copies"] = {{"into_bytes", own->into_bytes},
                            {"into_calls", own->into_calls},
                            {"out_of_bytes", own->out_of_bytes},
                            {"out_of_calls", own->out_of_calls},
                            {"evidence", text(own->evidence)}};
}

OrderedJson end_json(const FlowEnd& end) {
  OrderedJson json{{"kind", text(end.kind)}, {"name", end.name}, {"device", end.device}, {"inode", end.inode}};
  if (!end.first_name.empty()) json["first_name"] = end.first_name;
  if (!end.filesystem.empty()) json["filesystem"] = end.filesystem;
  if (end.peer_inode != 0) json["peer_inode"] = end.peer_inode;
  if (end.connections != 0) json["connections"] = end.connections;
  return json;
}

OrderedJson part_json(const FlowPart& part) {
  OrderedJson json{{"method", text(part.method)},
            {"link", text(part.link)},
            {"bytes", part.bytes},
            {"calls", part.calls},
            {"mode_switches", part.mode_switches},
            {"cpu_bytes", part.cpu_bytes},
            {"copies_known", part.copies_known},
            {"reference_bytes", part.reference_bytes},
            {"disk_bytes", part.disk_bytes},
            {"first_ns", part.first_ns},
            {"last_ns", part.last_ns}};
  if (part.requests != 0) json["requests"] = part.requests;
  if (part.written_bytes != 0) json["written_bytes"] = part.written_bytes;
  if (part.written_later_bytes != 0) json["written_later_bytes"] = part.written_later_bytes;
  if (part.repeated_bytes != 0) json["repeated_bytes"] = part.repeated_bytes;
  if (part.transform_bytes != 0) {
    json["transform_bytes"] = part.transform_bytes;
    json["transform_by"] = OrderedJson::array();
    for (const Cipher cipher : part.transform_by) json["transform_by"].push_back(text(cipher));
  }
  if (part.unexplained_bytes != 0) {
    json["unexplained_bytes"] = part.unexplained_bytes;
    json["unexplained_by"] = text(part.unexplained_by);
  }
  if (part.at_least_by) json["at_least_by"] = text(*part.at_least_by);
  if (!part.threads.empty()) json["threads"] = part.threads;
  if (part.more_threads) json["more_threads"] = true;
  if (part.buffer_bytes != 0) json["buffer_bytes"] = part.buffer_bytes;
  if (part.tls_bytes != 0) json["tls_bytes"] = part.tls_bytes;
  for (const Fact fact : part.facts) json["facts"].push_back(text(fact));
  if (part.refused != 0) json["refused"] = {{"calls", part.refused}, {"error", part.error}};
  return json;
}

OrderedJson process_json(const Process& process) {
  OrderedJson json{{"command", process.command}};
  if (process.pid != 0) json["pid"] = process.pid;
  if (process.count != 1) json["count"] = process.count;
  if (!process.unit.empty()) json["unit"] = process.unit;
  if (!process.container.empty()) json["container"] = process.container;
  return json;
}

OrderedJson flow_json(const Run& run, const Flow& flow) {
  const auto all = total(flow);
  OrderedJson parts = OrderedJson::array();
  for (const auto& part : flow.parts) parts.push_back(part_json(part));
  OrderedJson json{{"from", end_json(flow.from)},
            {"to", end_json(flow.to)},
            {"bytes", all.bytes},
            {"method", is_mixed(flow) ? "mixed" : text(all.method)},
            {"cpu_bytes", all.cpu_bytes},
            {"cpu_copies_per_byte", known(copies_per_byte(run, all))},
            {"mode_switches", all.mode_switches},
            {"mode_switches_per_mib", known(mode_switches_per_mib(run, all))},
            {"disk_bytes", all.disk_bytes},
            {"cache_reuse", known(cache_reuse(run, flow))},
            {"sent_bytes", flow.sent_bytes},
            {"sent_linear_bytes", flow.sent_linear_bytes},
            {"sent_dma", flow.sent_dma},
            {"parts", std::move(parts)}};
  if (flow.process) json["process"] = process_json(*flow.process);
  if (!flow.why.empty()) json["why"] = flow.why;
  for (const auto& by : flow.copied_by)
    json["copied_by"].push_back({{"stack", by.stack}, {"bytes", by.bytes}, {"calls", by.calls}});
  return json;
}

OrderedJson chain_json(const Run& run, const Chain& chain) {
  OrderedJson json{{"flows", chain.flows},
            {"bytes_at_least", chain.bytes_at_least},
            {"bytes_at_most", chain.bytes_at_most},
            {"cpu_copies_per_byte", known(chain.whole ? copies_per_byte(run, *chain.whole) : std::nullopt)}};
  if (chain.broken != ChainBreak::none)
    json["broken"] = {{"by", text(chain.broken)}, {"after", chain.broken_after}, {"bytes", chain.broken_bytes}};
  return json;
}

OrderedJson flows_json(const Run& run, const Flows& flows) {
  OrderedJson list = OrderedJson::array(), joined = OrderedJson::array();
  for (const auto& flow : flows.list) list.push_back(flow_json(run, flow));
  for (const auto& chain : chains(flows)) joined.push_back(chain_json(run, chain));
  OrderedJson json{{"list", std::move(list)},
            {"merged", flows.merged},
            {"unattributed", {{"bytes", flows.unattributed_bytes}, {"copies", flows.unattributed_copies}}},
            {"dropped", {{"calls", flows.dropped_calls}, {"bytes", flows.dropped_bytes}}}};
  if (!joined.empty()) json["chains"] = std::move(joined);
  return json;
}

OrderedJson cpu_side_json(const CpuCost& cost, Side side) {
  const auto& own = cost.of(side);
  const auto copies = share_of(cost, side, CpuWork::copy);
  OrderedJson json{{"cpu_time_ns", own.cpu_ns},
            {"samples", samples_of(cost, side)},
            {"copy_samples", samples_of(cost, side, CpuWork::copy)},
            {"transform_samples", samples_of(cost, side, CpuWork::transform)},
            {"program_samples", samples_of(cost, side, CpuWork::program)},
            {"copy_share", copies ? OrderedJson(copies->part) : OrderedJson(nullptr)},
            {"copy_share_error", copies ? OrderedJson(copies->error) : OrderedJson(nullptr)},
            {"pmu", nullptr}};
  if (const auto& events = own.events)
    json["pmu"] = {
        {"cycles", events->cycles}, {"instructions", events->instructions}, {"llc_misses", events->cache_misses}};
  return json;
}

}  // namespace

OrderedJson cpu_cost_to_json(const CpuCost& cost) {
  OrderedJson routines = OrderedJson::array(), stacks = OrderedJson::array();
  for (const auto& routine : cost.routines)
    routines.push_back({{"name", routine.name},
                        {"work", text(routine.work)},
                        {"sender", routine.samples[0]},
                        {"receiver", routine.samples[1]}});
  for (const auto& stack : cost.stacks)
    stacks.push_back({{"side", text(stack.side)}, {"samples", stack.samples}, {"frames", stack.frames}});
  return {{"evidence", text(Evidence::sampled)},
          {"hz", cost.hz},
          {"passes", cost.passes},
          {"bytes", cost.bytes},
          {"lost", cost.lost},
          {"sender", cpu_side_json(cost, Side::sender)},
          {"receiver", cpu_side_json(cost, Side::receiver)},
          {"routines", std::move(routines)},
          {"stacks", std::move(stacks)},
          {"cut", {{"stacks", cost.cut_stacks}, {"sender", cost.cut_samples[0]}, {"receiver", cost.cut_samples[1]}}}};
}

namespace {

OrderedJson copy_stacks_json(const CopyStacks& all) {
  OrderedJson modules = OrderedJson::array(), frames = OrderedJson::array(), stacks = OrderedJson::array();
  for (const auto& module : all.modules) modules.push_back({{"path", module.path}, {"build_id", module.build_id}});
  for (const auto& frame : all.frames) {
    OrderedJson json{{"name", frame.name}, {"kernel", frame.kernel}};
    if (frame.module) json["module"] = *frame.module;
    if (!frame.kernel) json["offset"] = frame.offset;
    frames.push_back(std::move(json));
  }
  for (const auto& stack : all.stacks)
    stacks.push_back({{"process", stack.process}, {"end", text(stack.end)}, {"frames", stack.frames}});
  return {{"evidence", text(all.at_calls ? Evidence::inferred : Evidence::exact)},
          {"modules", std::move(modules)},
          {"frames", std::move(frames)},
          {"stacks", std::move(stacks)},
          {"not_kept", all.not_kept},
          {"lost", all.lost}};
}

}  // namespace

OrderedJson run_to_json(const Run& run) {
  OrderedJson json{{"method", run.method},
            {"command", run.command},
            {"size", run.size},
            {"chunk", run.chunk},
            {"cache", run.cache},
            {"kernel", kernel_json(run.kernel)},
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
            {"lost", {{"events", run.lost.events}, {"by_kind", run.lost.by_kind}}}};
  if (const auto& detail = run.detail)
    json["detail"] = {{"window", detail->window},
                      {"omitted", {{"events", detail->events}, {"by_kind", detail->by_kind}}}};
  if (const auto& recorded = run.recorded)
    json["recorded"] = {{"experiment", recorded->experiment}, {"date", recorded->date}, {"program", recorded->program}};
  json["duration_ns"] = run.duration_ns;
  json["sinks"] = run.sinks;
  if (run.judged == Side::receiver) json["judged"] = text(run.judged);
  if (run.kernel_tls) json["kernel_tls"] = true;
  if (run.own_passes) json["own_passes"] = true;
  json["complete"] = run.complete;
  return json;
}

OrderedJson ledger_to_json(const Run& run, const Ledger& ledger) {
  OrderedJson json{{"payload_bytes", ledger.payload_bytes},
            {"received_bytes", ledger.received_bytes},
            {"cpu_copies_per_byte", known(cpu_copies_per_byte(run, ledger, Side::sender))}};
  if (ledger.framing_bytes != 0) json["framing_bytes"] = ledger.framing_bytes;
  if (!ledger.flows && (run.kernel_tls || transformed_bytes(ledger) != 0))
    json["transforms_per_byte"] = known(transforms_per_byte(run, ledger));
  auto& copies = json["copies"] = OrderedJson::array();
  for (const auto& copy : ledger.copies) {
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
    if (copy.cipher) copies.back()["cipher"] = text(*copy.cipher);
  }
  add_figures(json, ledger.sender, mode_switches_per_chunk(run, ledger), true);
  json["dma"] = {{"disk_bytes", ledger.dma.disk_bytes},
                 {"disk_requests", ledger.dma.disk_requests},
                 {"nic_bytes", ledger.dma.nic_bytes},
                 {"nic_packets", ledger.dma.nic_packets}};
  if (ledger.dma.written_bytes) json["dma"]["written_bytes"] = *ledger.dma.written_bytes;
  if (ledger.dma.write_requests) json["dma"]["write_requests"] = *ledger.dma.write_requests;
  if (ledger.dma.unseen_disk_bytes != 0) json["dma"]["unseen_disk_bytes"] = ledger.dma.unseen_disk_bytes;
  json["transmit"] = {{"packets", ledger.transmit.packets},
                      {"payload_bytes", ledger.transmit.payload_bytes},
                      {"linear_bytes", ledger.transmit.linear_bytes},
                      {"paged_bytes", ledger.transmit.paged_bytes},
                      {"header_bytes", ledger.transmit.header_bytes}};
  auto& receiver = json["receiver"];
  receiver["cpu_copies_per_byte"] = known(cpu_copies_per_byte(run, ledger, Side::receiver));
  add_figures(receiver, ledger.receiver, std::nullopt, false);
  if (ledger.cpu_cost) json["cpu_cost"] = cpu_cost_to_json(*ledger.cpu_cost);
  if (ledger.flows) json["flows"] = flows_json(run, *ledger.flows);
  if (ledger.copy_stacks) json["copy_stacks"] = copy_stacks_json(*ledger.copy_stacks);
  return json;
}

}  // namespace zctrace::timeline
