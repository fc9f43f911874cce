#include "userspace/export/prometheus/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
#include "model/timeline/flow_match.h"
#include "model/timeline/names.h"

namespace zctrace::exports {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using timeline::Flow;
using timeline::FlowEnd;
using timeline::FlowEndKind;
using timeline::Flows;

namespace {

constexpr const char* kOther = "other";

std::string socket_label(std::string_view name) {
  const auto between = name.find(timeline::kBetweenAddresses);
  if (between == name.npos) return std::string(timeline::without_chosen_port(name));
  return std::string(timeline::without_chosen_port(name.substr(0, between))) +
         std::string(timeline::kBetweenAddresses) +
         std::string(timeline::without_chosen_port(name.substr(between + timeline::kBetweenAddresses.size())));
}

/// Labels are UTF-8; a file's name can be any bytes.
std::string readable(std::string_view name) {
  std::string text;
  for (const char32_t character : characters(name)) text += utf8(character);
  return text;
}

struct Label {
  const char* name;
  std::string value;
};

/// Families of one metric each, filled in the order in which they are declared.
class Family {
 public:
  Family(const char* name, const char* help, MetricType type = MetricType::Counter) {
    family_.name = name;
    family_.help = help;
    family_.type = type;
  }
  void add(double value, const std::vector<Label>& labels = {}) {
    ClientMetric metric;
    for (const auto& label : labels) metric.label.push_back({label.name, label.value});
    (family_.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
    family_.metric.push_back(std::move(metric));
  }
  void add(uint64_t value, const std::vector<Label>& labels = {}) { add(static_cast<double>(value), labels); }
  /// What is not known has no series.
  void add(const quantities::Amount& amount, const std::vector<Label>& labels = {}) {
    if (amount.number) add(*amount.number, labels);
  }
  void move_to(std::vector<MetricFamily>& families) {
    if (!family_.metric.empty()) families.push_back(std::move(family_));
  }

 private:
  MetricFamily family_;
};

/// Of each flow and method.
struct FlowMetric {
  quantities::FlowId figure;
  const char *name, *help;
};

constexpr FlowMetric kFlowMetrics[] = {
    {"bytes", "zctrace_flow_bytes_total", "Bytes that arrived at the far end."},
    {"cpu_bytes", "zctrace_flow_cpu_copied_bytes_total",
     "Bytes copied by the CPU on the way, again for each copy; absent where copies cannot be seen."},
    {"mode_switches", "zctrace_flow_mode_switches_total", "Mode switches of its system calls, two each."},
    {"calls", "zctrace_flow_calls_total", "System calls."},
    {"transform_bytes", "zctrace_flow_transformed_bytes_total",
     "Bytes that the CPU read and wrote as others on the way, by a cipher of the kernel; absent where none were seen."},
    {"disk_bytes", "zctrace_flow_disk_bytes_total", "Bytes of block requests: what the page cache did not have."},
    {"written_bytes", "zctrace_flow_disk_written_bytes_total",
     "Bytes written to the disk of what it put into files, so far."},
};

/// Those of the process are left out where it has none: an empty label is none to Prometheus.
template <class Values>
std::vector<Label> labels_of(const Values& values, const char* last) {
  constexpr const char* kNames[] = {"from", "to", "comm", "unit", "container"};
  std::vector<Label> labels;
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (i < 2 || !values[i].empty()) labels.push_back({kNames[i], values[i]});
  if (last) labels.push_back({last, values.back()});
  return labels;
}

}  // namespace

std::string label_of(const FlowEnd& end) {
  if (end.kind == FlowEndKind::pipe || end.name.empty()) return std::string(timeline::text(end.kind));
  return readable(end.kind == FlowEndKind::socket ? socket_label(end.name) : end.name);
}

std::string kind_label_of(const FlowEnd& end) {
  if (end.kind != FlowEndKind::socket) return std::string(timeline::text(end.kind));
  const std::string_view name = end.name;
  const auto blank = name.find(' ');
  const std::string protocol(name.substr(0, blank));
  if (protocol != "tcp" && protocol != "udp") return protocol.empty() ? "socket" : protocol;
  const auto between = name.find(timeline::kBetweenAddresses);
  const std::string_view own = name.substr(blank + 1, between == name.npos ? name.npos : between - blank - 1);
  const std::string_view peer =
      between == name.npos ? std::string_view() : name.substr(between + timeline::kBetweenAddresses.size());
  for (const std::string_view address : {own, peer}) {
    const auto colon = address.rfind(':');
    if (colon != address.npos && timeline::without_chosen_port(address) == address)
      return protocol + " " + std::string(address.substr(colon));
  }
  return protocol;
}

Metrics::Ends Metrics::ends_of(const Flow& flow) {
  const timeline::Process process = flow.process.value_or(timeline::Process{});
  const auto label = labels_ == EndLabels::kinds ? kind_label_of : label_of;
  Ends ends{label(flow.from), label(flow.to), readable(process.command), readable(process.unit),
            readable(process.container)};
  if (ends_.contains(ends)) return ends;
  if (ends_.size() >= most_ends_) return {kOther, kOther, "", "", ""};
  ends_.insert(ends);
  return ends;
}

std::vector<MetricFamily> Metrics::take(const Flows& flows, const timeline::TraceFacts& facts) {
  count(flows);
  const auto& evidence = facts.evidence;
  Family info("zctrace_info", "The kernel that is traced, and how well copies are known.", MetricType::Gauge);
  Family sent("zctrace_flow_sent_bytes_total", "Payload handed to a network device, what was sent again included.");
  Family unattributed("zctrace_unattributed_copied_bytes_total", "Bytes copied by the CPU in no known flow.");
  Family dropped_calls("zctrace_dropped_calls_total", "System calls that found no room in the kernel's tables.");
  Family dropped_bytes("zctrace_dropped_bytes_total", "Bytes that found no room in the kernel's tables.");
  Family lower_bounds("zctrace_flow_copies_at_least",
                      "1 where the bytes copied are a lower bound: kernel threads copied too; absent elsewhere.",
                      MetricType::Gauge);
  std::vector<Family> of_flows;
  for (const auto& metric : kFlowMetrics) of_flows.emplace_back(metric.name, metric.help);

  info.add(1.0, {{"kernel", facts.kernel.release},
                 {"where", facts.kernel.where},
                 {"evidence", std::string(timeline::text(evidence.copies))}});
  for (const auto& [labels, sums] : series_) {
    const auto all = labels_of(labels, "method");
    if (quantities::copies_evidence(evidence, sums) == timeline::Evidence::at_least) lower_bounds.add(1.0, all);
    for (size_t i = 0; i < of_flows.size(); ++i) of_flows[i].add(kFlowMetrics[i].figure->of(evidence, sums), all);
  }
  for (const auto& [labels, sum] : sent_) sent.add(quantities::counted(sum, evidence.nic), labels_of(labels, nullptr));
  unattributed.add(quantities::unattributed(evidence, unattributed_bytes_));
  dropped_calls.add(dropped_calls_);
  dropped_bytes.add(dropped_bytes_);

  std::vector<MetricFamily> families;
  info.move_to(families);
  for (auto& family : of_flows) family.move_to(families);
  for (Family* family : {&lower_bounds, &sent, &unattributed, &dropped_calls, &dropped_bytes})
    family->move_to(families);
  return families;
}

void Metrics::count(const Flows& flows) {
  for (const timeline::Change& change : changes_.take(flows)) {
    const Ends ends = ends_of(*change.flow);
    if (change.flow->sent_bytes != 0) sent_[ends] += change.more.sent_bytes;
    for (const auto& part : change.more.parts) {
      timeline::FlowPart& sums =
          series_[{ends[0], ends[1], ends[2], ends[3], ends[4], std::string(timeline::text(part.method))}];
      sums.bytes += part.bytes;
      sums.calls += part.calls;
      sums.requests += part.requests;
      sums.mode_switches += part.mode_switches;
      sums.cpu_bytes += part.cpu_bytes;
      sums.disk_bytes += part.disk_bytes;
      sums.transform_bytes += part.transform_bytes;
      sums.written_bytes += part.written_bytes;
      sums.copies_known = sums.copies_known && part.copies_known;
      sums.at_least_by = std::max(sums.at_least_by, part.at_least_by);
    }
  }
  unattributed_bytes_ = std::max(unattributed_bytes_, flows.unattributed_bytes);
  dropped_calls_ = std::max(dropped_calls_, flows.dropped_calls);
  dropped_bytes_ = std::max(dropped_bytes_, flows.dropped_bytes);
}

std::string text_of(const std::vector<MetricFamily>& metrics) {
  return prometheus::TextSerializer().Serialize(metrics);
}

}  // namespace zctrace::exports
