#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/language/message.h"
#include "userspace/capture/kernel_symbols.h"

namespace zctrace::capture {

/// What kernels have or lack: a row of features.def each.
enum class Feature {
#define FEATURE(name, ...) name,
#include "userspace/capture/features.def"
#undef FEATURE
};

/// How a feature is found: see features.def.
enum class FoundBy { symbol, symbol_gone, address, btf, member, variable_and_member, one_argument, tracepoint, function, breakpoint };

struct FeatureRow {
  Feature feature;
  const char* name;
  FoundBy how;
  const char *what, *since, *commit, *use;
};
const std::vector<FeatureRow>& feature_table();

/// Features to be taken for missing: ZCTRACE_WITHOUT=bpf_find_vma,fentry. For tests: the programs then do what they do
/// on a kernel without. Errors: usage, for a name that is not in the table.
std::set<Feature> features_without(std::string_view list);

/// The features of the running kernel, each looked for when it is first asked for.
class KernelFeatures {
 public:
  KernelFeatures(const KernelSymbols& symbols, std::set<Feature> without)
      : symbols_(symbols), without_(std::move(without)) {}

  bool has(Feature feature) const { return why_not(feature).empty(); }
  /// Empty where the kernel has it, else the reason.
  const Message& why_not(Feature feature) const;
  const KernelSymbols& symbols() const { return symbols_; }

 private:
  const KernelSymbols& symbols_;
  std::set<Feature> without_;
  mutable std::map<Feature, Message> found_;
};

}  // namespace zctrace::capture
