#include "userspace/capture/capabilities.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>

#include "base/error.h"

namespace zctrace::capture {

namespace {

/// Programs, maps and hooks have a descriptor each. Looking for what a kernel permits would find that it permits
/// nothing.
void need_open_files() {
  constexpr rlim_t kNeeded = 256;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kNeeded)
    throw Error(ExitStatus::failed,
                fmt::format("tracing needs {} open files, and the limit here is {}", kNeeded, limit.rlim_cur),
                "ulimit -n 1024");
}

Capabilities find_capabilities(const KernelFeatures& features) {
  need_open_files();
  Capabilities found;
  found.btf = features.why_not(Feature::btf);
  // Where fentry works, tracepoints do: one load instead of two.
  found.fentry = found.btf.empty() ? features.why_not(Feature::fentry) : found.btf;
  if (!found.fentry.empty()) found.tracepoints = found.btf.empty() ? features.why_not(Feature::tracepoints) : found.btf;
  found.breakpoints = features.why_not(Feature::breakpoints);
  return found;
}

std::set<Feature> switched_off() {
  const char* list = getenv("ZCTRACE_WITHOUT");
  return features_without(list ? list : "");
}

}  // namespace

RunningKernel::RunningKernel() : features(symbols, switched_off()), capabilities(find_capabilities(features)) {}

const RunningKernel& running_kernel() {
  static const RunningKernel kernel;
  return kernel;
}

}  // namespace zctrace::capture
