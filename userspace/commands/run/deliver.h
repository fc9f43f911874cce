#pragma once

#include <string>
#include <vector>

#include "base/output_file.h"
#include "model/timeline/model.h"
#include "userspace/commands/run/options.h"

namespace zctrace::commands {

/// Where the document of `method` goes: -o itself, or METHOD.json in it where several methods run; empty for nowhere.
std::string output_path(const RunOptions& options, const std::string& method);

/// The document on standard output: as it is, or on one line of its own (JSON lines) where several methods run.
void print_document(const RunOptions& options, const OutputFile& document);

/// What is seen of the runs on standard output once they are over: the picture of one, the comparison of several, as
/// far as they stand side by side, else a row for each; nothing where --json asked for the documents there.
class RunPictures {
 public:
  explicit RunPictures(const RunOptions& options);
  void add(const timeline::Run& run, const timeline::Ledger& ledger);
  void draw() const;

 private:
  bool wanted_, kept_, paged_;  ///< drawn at all; recorded by -o; in a page by --report
  std::vector<timeline::Measured> runs_;
};

}  // namespace zctrace::commands
