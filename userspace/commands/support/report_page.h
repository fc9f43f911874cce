#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "model/timeline/flow.h"
#include "viz/terminal/progress.h"

namespace zctrace::commands {

/// The page that `run --report` asks for: documents are gathered as they are measured, and the page is written at the
/// end, also of a run that failed or was interrupted.
class ReportPage {
 public:
  /// Empty path: no page is asked for.
  explicit ReportPage(std::string path, timeline::FlowFilter shown = {})
      : path_(std::move(path)), shown_(std::move(shown)) {}

  bool wanted() const { return !path_.empty(); }
  /// One timeline document, whole.
  void add(std::unique_ptr<OutputFile> document);
  /// Writes nothing where nothing was measured. Throws Error.
  void write(terminal::Progress& progress) const;

 private:
  std::string path_;
  timeline::FlowFilter shown_;
  std::vector<std::unique_ptr<OutputFile>> documents_;
};

}  // namespace zctrace::commands
