#pragma once

#include "workloads/file/source.h"
#include "workloads/net/path.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {

struct RunOptions {
  const Method* method = nullptr;
  SourceOptions source;
  uint64_t chunk = 64 * 1024;  ///< bytes
  std::string path = "auto";   ///< as make_path takes it; auto: loopback, or where the method can send
  OffloadWish offload;
};

/// A whole transfer without any tracing: source, path, sinks, sender, verification. Prints what came of it.
void run_whole(const RunOptions& options);

}  // namespace zctrace::workloads
