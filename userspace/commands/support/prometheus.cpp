#include "userspace/commands/support/prometheus.h"

#include <cstdio>

#include "base/error.h"
#include "base/output_file.h"
#include "userspace/export/prometheus/own_cost.h"
#include "userspace/record/capture_mode.h"

namespace zctrace::commands {

namespace {
constexpr size_t kMostEnds = 500;
}

PrometheusExport::PrometheusExport(const std::string& where)
    : PrometheusExport(where, exports::EndLabels::names, false) {}

PrometheusExport PrometheusExport::of_agent(const std::string& where) {
  return PrometheusExport(where, exports::EndLabels::kinds, true);
}

PrometheusExport::PrometheusExport(const std::string& where, exports::EndLabels labels, bool own_cost)
    : own_cost_(own_cost), metrics_(kMostEnds, labels) {
  if (where.empty()) return;
  const auto place = exports::parse_prometheus(where);
  file_ = place.file;
  if (file_.empty())
    server_ = std::make_unique<exports::PrometheusServer>(place);
  else
    check_place(file_, "--prometheus");
}

std::vector<prometheus::MetricFamily> PrometheusExport::take(const timeline::Flows& flows,
                                                             const timeline::TraceFacts& facts) {
  auto families = metrics_.take(flows, facts);
  if (own_cost_)
    for (auto& family : exports::metrics_of(exports::own_cost())) families.push_back(std::move(family));
  return families;
}

void PrometheusExport::update(const timeline::Flows& flows, const timeline::TraceFacts& facts) {
  if (server_) server_->set(take(flows, facts));
  if (file_.empty()) return;
  try {
    OutputFile file(file_);
    file.write(exports::text_of(take(flows, facts)));
    file.commit();
    complaint_.clear();
  } catch (const Error& error) {
    complaint_ = error.what();
  }
}

std::vector<std::string> PrometheusExport::places() const {
  return file_.empty() ? std::vector<std::string>{} : std::vector{file_};
}

void PrometheusExport::announce() const {
  if (server_) std::fprintf(stderr, "zctrace: metrics at %s\n", url().c_str());
}

void PrometheusExport::step(record::ProgramTrace& trace) {
  const auto now = std::chrono::steady_clock::now();
  if (!wanted() || now < next_) return;
  next_ = now + std::chrono::seconds(1);
  update(trace.flows(), {record::this_kernel(), trace.evidence()});
}

void PrometheusExport::finish(const timeline::Document& document) {
  if (!wanted()) return;
  update(*document.ledger.flows, {document.run.kernel, document.run.evidence});
  if (!complaint_.empty()) std::fprintf(stderr, "zctrace: %s\n", complaint_.c_str());
}

}  // namespace zctrace::commands
