#pragma once

#include <string>

namespace zctrace::workloads {

struct SelftestOptions {
  int gate = -1;               ///< as the sender's; -1: runs at once
  std::string work_directory;  ///< for its small unlinked files; should be on a disk
};

/// Does a little of everything that moves or waits, once each, in the namespaces it is started in, from one thread.
/// A step that fails is named on standard error and skipped.
void run_selftest(const SelftestOptions& options);

}  // namespace zctrace::workloads
