#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "model/timeline/model.h"
#include "userspace/commands/check/expectations.h"
#include "userspace/commands/support/prometheus.h"

namespace zctrace::commands {

/// Where the document of a traced program goes.
struct Delivery {
  std::string output;                                ///< -o
  std::string report;                                ///< --report
  bool records = false;                              ///< -o gets a stream of documents (document_stream.h)
  bool json = false;                                 ///< on standard output
  std::FILE* picture = nullptr;                      ///< where it is drawn; null: nowhere
  Expectations expectations;                         ///< that it is checked against
  std::shared_ptr<timeline::FlowFilter> shown = {};  ///< which flows picture and page show; null: all
};

/// `-o -`: the document itself on standard output, as with --json.
void take_standard_output(Delivery& delivery);

/// Throws Error where one of the places cannot be written, before anything is measured.
void check_places(const Delivery& delivery);

/// All files that are to be written, those of the metrics included.
std::vector<std::string> places_of(const Delivery& delivery, const PrometheusExport& metrics);

/// Everywhere it is wanted, and to what is expected of it: what cannot be written in one place is not lost to the
/// others. Throws Error.
void deliver(Delivery& delivery, const timeline::Document& document);
void deliver(Delivery& delivery, std::unique_ptr<OutputFile> document);

/// Does something after a command has ended with `status`: where it fails the status stays the command's, unless that
/// is 0; then it throws Error.
void after_command(int status, const std::function<void()>& act);

}  // namespace zctrace::commands
