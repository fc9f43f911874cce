#include "userspace/capture/capabilities.h"

#include <cstdlib>

namespace zctrace::capture {

namespace {

Capabilities find_capabilities(const KernelFeatures& features) {
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
