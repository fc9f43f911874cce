#include "userspace/commands/prometheus.h"

#include "userspace/commands/output_file.h"
#include "userspace/error.h"

namespace zctrace::commands {

PrometheusExport::PrometheusExport(const std::string& where) {
  if (where.empty()) return;
  const auto place = live::parse_prometheus(where);
  file_ = place.file;
  if (file_.empty())
    server_ = std::make_unique<live::PrometheusServer>(place);
  else
    check_place(file_, "--prometheus");
}

void PrometheusExport::update(const timeline::Flows& flows, const live::TraceFacts& facts) {
  if (server_) server_->set(metrics_.take(flows, facts));
  if (file_.empty()) return;
  try {
    OutputFile file(file_);
    file.write(live::text_of(metrics_.take(flows, facts)));
    file.commit();
    complaint_.clear();
  } catch (const Error& error) {
    complaint_ = error.what();
  }
}

}  // namespace zctrace::commands
