#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

#include "model/language/message_json.h"
#include "model/timeline/json_head.h"
#include "model/timeline/names.h"

namespace zctrace::timeline {
namespace {

using Json = nlohmann::json;

/// A JSON value that knows its place, so that what is wrong with it can be named.
class Node {
 public:
  Node(const Json& json, std::string place) : json_(json), place_(std::move(place)) {}

  Node operator[](const char* key) const {
    if (!json_.is_object()) fail("must be an object");
    const auto found = json_.find(key);
    if (found == json_.end()) throw SchemaError(fmt::format("{}.{}: is missing", place_, key));
    return {*found, fmt::format("{}.{}", place_, key)};
  }

  /// Nothing if the member is missing or null.
  std::optional<Node> if_there(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return std::nullopt;
    return Node(*found, fmt::format("{}.{}", place_, key));
  }

  operator std::string() const {
    if (!json_.is_string()) fail("must be a string");
    return json_.get<std::string>();
  }
  operator bool() const {
    if (!json_.is_boolean()) fail("must be true or false");
    return json_.get<bool>();
  }
  operator uint64_t() const {
    if (!json_.is_number_unsigned()) fail("must be a whole number, 0 or more and below 2^64");
    return json_.get<uint64_t>();
  }
  operator unsigned() const {
    const uint64_t value = *this;
    if (value > std::numeric_limits<unsigned>::max()) fail("is too large");
    return static_cast<unsigned>(value);
  }
  operator Message() const {
    auto message = message_from_json(json_);
    if (!message) fail("must be a message: id, args, as many as it takes, and text");
    return std::move(*message);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  operator Enum() const {
    const auto value = value_of<Enum>(std::string(*this));
    if (!value) fail("must be one of: " + words<Enum>());
    return *value;
  }
  template <class Item>
  operator std::vector<Item>() const {
    std::vector<Item> items;
    each([&](const Node& item) { items.push_back(item); });
    return items;
  }
  operator std::map<std::string, uint64_t>() const {
    if (!json_.is_object()) fail("must be an object");
    std::map<std::string, uint64_t> counts;
    for (const auto& [key, value] : json_.items()) counts[key] = Node(value, place_ + "." + key);
    return counts;
  }

  template <class Visit>
  void each(Visit visit) const {
    if (!json_.is_array()) fail("must be a list");
    for (size_t i = 0; i < json_.size(); ++i) visit(Node(json_[i], fmt::format("{}[{}]", place_, i)));
  }

 private:
  [[noreturn]] void fail(std::string_view why) const { throw SchemaError(fmt::format("{}: {}", place_, why)); }

  const Json& json_;
  std::string place_;
};

EvidenceSet read_evidence(const Node& node) {
  EvidenceSet evidence;
  evidence.copies = node["copies"];
  evidence.receiver_copies = node["receiver_copies"];
  evidence.system_calls = node["system_calls"];
  evidence.page_faults = node["page_faults"];
  evidence.context_switches = node["context_switches"];
  evidence.disk = node["disk"];
  evidence.nic = node["nic"];
  evidence.copies_unknown = node["copies_unknown"];
  evidence.mechanism = std::string(node["mechanism"]);
  node["cross_check"].each([&](const Node& row) {
    evidence.cross_check.push_back({row["side"], row["from"], row["to"], row["by_breakpoint"], row["by_ftrace"],
                                    row["breakpoint_bytes"], row["ftrace_bytes"]});
  });
  node["hooks"].each([&](const Node& row) { evidence.hooks.push_back({row["name"], row["kind"], row["state"]}); });
  evidence.notes = node["notes"];
  return evidence;
}

Figures read_figures(const Node& node) {
  Figures figures;
  figures.syscalls = node["syscalls"];
  figures.mode_switches = {node["mode_switches"]["syscall"], node["mode_switches"]["fault"]};
  figures.user_faults = node["page_faults"]["user"];
  figures.kernel_faults = node["page_faults"]["kernel"];
  figures.voluntary_switches = node["context_switches"]["voluntary"];
  figures.involuntary_switches = node["context_switches"]["involuntary"];
  if (const auto time = node.if_there("cpu_time_ns")) figures.cpu_ns = static_cast<uint64_t>(*time);
  if (const auto own = node.if_there("array_copies"))
    figures.array_copies = {(*own)["into_bytes"], (*own)["into_calls"], (*own)["out_of_bytes"], (*own)["out_of_calls"],
                            (*own)["evidence"]};
  return figures;
}

Copy read_copy(const Node& node) {
  Copy copy{node["from"],  node["to"],    node["by"],   node["function"], node["via"],
            node["bytes"], node["calls"], node["side"], node["context"],  node["evidence"]};
  if (const auto name = node.if_there("cipher")) {
    const Cipher cipher = *name;
    copy.cipher = cipher;
  }
  return copy;
}

FlowEnd read_end(const Node& node) {
  FlowEnd end{node["kind"], node["name"], node["device"], node["inode"]};
  if (const auto name = node.if_there("first_name")) end.first_name = std::string(*name);
  if (const auto type = node.if_there("filesystem")) end.filesystem = std::string(*type);
  if (const auto inode = node.if_there("peer_inode")) end.peer_inode = *inode;
  if (const auto count = node.if_there("connections")) end.connections = *count;
  return end;
}

FlowPart read_part(const Node& node) {
  FlowPart part;
  part.method = node["method"];
  part.link = node["link"];
  part.bytes = node["bytes"];
  part.calls = node["calls"];
  part.mode_switches = node["mode_switches"];
  part.cpu_bytes = node["cpu_bytes"];
  part.copies_known = node["copies_known"];
  part.reference_bytes = node["reference_bytes"];
  part.disk_bytes = node["disk_bytes"];
  part.first_ns = node["first_ns"];
  part.last_ns = node["last_ns"];
  if (const auto requests = node.if_there("requests")) part.requests = *requests;
  if (const auto bytes = node.if_there("written_bytes")) part.written_bytes = *bytes;
  if (const auto bytes = node.if_there("written_later_bytes")) part.written_later_bytes = *bytes;
  if (const auto bytes = node.if_there("repeated_bytes")) part.repeated_bytes = *bytes;
  if (const auto bytes = node.if_there("transform_bytes")) part.transform_bytes = *bytes;
  if (const auto by = node.if_there("transform_by")) part.transform_by = *by;
  std::ranges::sort(part.transform_by);
  if (const auto bytes = node.if_there("unexplained_bytes")) part.unexplained_bytes = *bytes;
  if (const auto why = node.if_there("unexplained_by")) part.unexplained_by = *why;
  if (const auto why = node.if_there("at_least_by")) part.at_least_by = Uncounted(*why);
  if (const auto threads = node.if_there("threads")) part.threads = *threads;
  if (const auto more = node.if_there("more_threads")) part.more_threads = *more;
  if (const auto bytes = node.if_there("buffer_bytes")) part.buffer_bytes = *bytes;
  if (const auto bytes = node.if_there("tls_bytes")) part.tls_bytes = *bytes;
  if (const auto facts = node.if_there("facts")) part.facts = *facts;
  std::ranges::sort(part.facts);
  if (const auto refused = node.if_there("refused")) {
    part.refused = (*refused)["calls"];
    part.error = std::string((*refused)["error"]);
  }
  return part;
}

Process read_process(const Node& node) {
  Process process{.command = node["command"]};
  if (const auto pid = node.if_there("pid")) process.pid = *pid;
  if (const auto count = node.if_there("count")) process.count = *count;
  if (const auto unit = node.if_there("unit")) process.unit = std::string(*unit);
  if (const auto container = node.if_there("container")) process.container = std::string(*container);
  return process;
}

Flows read_flows(const Node& node) {
  Flows flows;
  node["list"].each([&](const Node& row) {
    Flow flow{read_end(row["from"]), read_end(row["to"]),      {},
              row["sent_bytes"],     row["sent_linear_bytes"], row["sent_dma"]};
    row["parts"].each([&](const Node& part) { flow.parts.push_back(read_part(part)); });
    if (const auto process = row.if_there("process")) set_process(flow, read_process(*process));
    if (const auto why = row.if_there("why")) flow.why = *why;
    if (const auto by = row.if_there("copied_by"))
      by->each([&](const Node& copied) {
        flow.copied_by.push_back({copied["stack"], copied["bytes"], copied["calls"]});
      });
    flows.list.push_back(std::move(flow));
  });
  flows.merged = node["merged"];
  const auto unattributed = node["unattributed"], dropped = node["dropped"];
  flows.unattributed_bytes = unattributed["bytes"];
  flows.unattributed_copies = unattributed["copies"];
  flows.dropped_calls = dropped["calls"];
  flows.dropped_bytes = dropped["bytes"];
  return flows;
}

CpuSide read_cpu_side(const Node& node) {
  CpuSide side{node["cpu_time_ns"], {}};
  if (const auto pmu = node.if_there("pmu"))
    side.events = {(*pmu)["cycles"], (*pmu)["instructions"], (*pmu)["llc_misses"]};
  return side;
}

CpuCost read_cpu_cost(const Node& node) {
  CpuCost cost;
  cost.hz = node["hz"];
  cost.passes = node["passes"];
  cost.bytes = node["bytes"];
  cost.lost = node["lost"];
  cost.sender = read_cpu_side(node["sender"]);
  cost.receiver = read_cpu_side(node["receiver"]);
  node["routines"].each([&](const Node& row) {
    cost.routines.push_back({row["name"], row["work"], {row["sender"], row["receiver"]}});
  });
  node["stacks"].each([&](const Node& row) {
    CpuStack stack{row["side"], row["frames"], row["samples"]};
    for (const uint32_t frame : stack.frames)
      if (frame >= cost.routines.size()) throw SchemaError("ledger.cpu_cost.stacks: a frame is no routine's number");
    cost.stacks.push_back(std::move(stack));
  });
  const auto cut = node["cut"];
  cost.cut_stacks = cut["stacks"];
  cost.cut_samples = {cut["sender"], cut["receiver"]};
  return cost;
}

CopyStacks read_copy_stacks(const Node& node, const std::optional<Flows>& flows) {
  CopyStacks all;
  const Evidence evidence = node["evidence"];
  all.at_calls = evidence == Evidence::inferred;
  node["modules"].each([&](const Node& row) { all.modules.push_back({row["path"], row["build_id"]}); });
  node["frames"].each([&](const Node& row) {
    CodeFrame frame;
    frame.name = std::string(row["name"]);
    frame.kernel = row["kernel"];
    if (const auto module = row.if_there("module")) frame.module = static_cast<uint32_t>(*module);
    if (const auto offset = row.if_there("offset")) frame.offset = *offset;
    if (frame.module.value_or(0) >= all.modules.size() && frame.module)
      throw SchemaError("ledger.copy_stacks.frames: a module is none's number");
    all.frames.push_back(std::move(frame));
  });
  node["stacks"].each([&](const Node& row) {
    CopyStack stack{row["process"], row["end"], row["frames"]};
    for (const uint32_t frame : stack.frames)
      if (frame >= all.frames.size()) throw SchemaError("ledger.copy_stacks.stacks: a frame is none's number");
    all.stacks.push_back(std::move(stack));
  });
  all.not_kept = node["not_kept"];
  all.lost = node["lost"];
  if (flows)
    for (const Flow& flow : flows->list)
      for (const CopiedBy& by : flow.copied_by)
        if (by.stack >= all.stacks.size()) throw SchemaError("ledger.flows.list: copied_by a stack that is not there");
  return all;
}

}  // namespace

Run run_from_json(const Json& json) {
  const Node node(json, "run");
  Run run;
  run.method = std::string(node["method"]);
  run.command = node["command"];
  run.size = node["size"];
  run.chunk = node["chunk"];
  run.cache = std::string(node["cache"]);
  const auto kernel = node["kernel"], source = node["source"], path = node["path"];
  run.kernel = {kernel["release"], kernel["where"], kernel["arch"]};
  if (const auto parameters = kernel.if_there("parameters")) run.kernel.parameters = std::string(*parameters);
  run.source = {source["file"], source["device"], source["filesystem"], source["dma"], source["resident_bytes"]};
  run.path = {path["kind"],           path["device"],      path["driver"], path["dma"],
              path["scatter_gather"], path["tx_checksum"], path["tso"]};
  run.evidence = read_evidence(node["evidence"]);
  run.lost = {node["lost"]["events"], node["lost"]["by_kind"]};
  if (const auto detail = node.if_there("detail")) {
    const auto omitted = (*detail)["omitted"];
    run.detail = {(*detail)["window"], omitted["events"], omitted["by_kind"]};
  }
  if (const auto recorded = node.if_there("recorded"))
    run.recorded = {(*recorded)["experiment"], (*recorded)["date"], (*recorded)["program"]};
  run.duration_ns = node["duration_ns"];
  run.sinks = node["sinks"];
  if (const auto side = node.if_there("judged")) run.judged = *side;
  if (const auto encrypts = node.if_there("kernel_tls")) run.kernel_tls = *encrypts;
  if (const auto passes = node.if_there("own_passes")) run.own_passes = *passes;
  run.complete = node["complete"];
  return run;
}

Ledger ledger_from_json(const Json& json) {
  const Node node(json, "ledger");
  Ledger ledger;
  ledger.payload_bytes = node["payload_bytes"];
  ledger.received_bytes = node["received_bytes"];
  if (const auto bytes = node.if_there("framing_bytes")) ledger.framing_bytes = *bytes;
  node["copies"].each([&](const Node& row) { ledger.copies.push_back(read_copy(row)); });
  ledger.sender = read_figures(node);
  ledger.receiver = read_figures(node["receiver"]);
  const auto dma = node["dma"], sent = node["transmit"];
  ledger.dma.disk_bytes = dma["disk_bytes"];
  ledger.dma.disk_requests = dma["disk_requests"];
  if (const auto bytes = dma.if_there("written_bytes")) ledger.dma.written_bytes = static_cast<uint64_t>(*bytes);
  if (const auto count = dma.if_there("write_requests")) ledger.dma.write_requests = static_cast<uint64_t>(*count);
  if (const auto bytes = dma.if_there("unseen_disk_bytes")) ledger.dma.unseen_disk_bytes = *bytes;
  ledger.dma.nic_bytes = dma["nic_bytes"];
  ledger.dma.nic_packets = dma["nic_packets"];
  ledger.transmit = {sent["packets"], sent["payload_bytes"], sent["linear_bytes"], sent["paged_bytes"],
                     sent["header_bytes"]};
  if (const auto cost = node.if_there("cpu_cost")) ledger.cpu_cost = read_cpu_cost(*cost);
  if (const auto flows = node.if_there("flows")) ledger.flows = read_flows(*flows);
  if (const auto stacks = node.if_there("copy_stacks"))
    ledger.copy_stacks = read_copy_stacks(*stacks, ledger.flows);
  else if (ledger.flows)
    for (Flow& flow : ledger.flows->list) flow.copied_by.clear();
  if (ledger.flows) ledger.flows->writes_followed = ledger.dma.written_bytes.has_value();
  return ledger;
}

}  // namespace zctrace::timeline
