#include "userspace/capture/paths.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/error.h"

namespace zctrace::capture {

namespace {

const Probe* hook_named(std::string_view program) {
  const auto found = std::ranges::find(probes(), program, &Probe::program);
  if (found == probes().end())
    throw Error(ExitStatus::failed, "userspace/capture/paths.def names no hook: " + std::string(program));
  return &*found;
}

constexpr std::string_view kStructure = "struct:";

std::vector<std::string> read_structures(const char* list) {
  std::vector<std::string> structures;
  std::istringstream words(list);
  for (std::string word; words >> word;)
    if (word.starts_with(kStructure)) structures.push_back(word.substr(kStructure.size()));
  return structures;
}

/// "a|b c": one of a and b, and c.
std::vector<std::vector<const Probe*>> read_hooks(const char* list) {
  std::vector<std::vector<const Probe*>> hooks;
  std::istringstream words(list);
  for (std::string word; words >> word;) {
    if (word.starts_with(kStructure)) continue;
    hooks.emplace_back();
    std::istringstream alternatives(word);
    for (std::string name; std::getline(alternatives, name, '|');) hooks.back().push_back(hook_named(name));
  }
  return hooks;
}

std::vector<Path> read_paths() {
#define PATH(name, does, counted, hooks, tracepoints, there, why, since, recognised) \
  {                                                                                  \
      #name,                                                                         \
      Text::path_##name,                                                             \
      Does::does,                                                                    \
      Known::counted,                                                                \
      read_hooks(hooks),                                                             \
      Known::tracepoints,                                                            \
      read_structures(hooks),                                                        \
      there,                                                                         \
      Text::why,                                                                     \
      since,                                                                         \
      recognised},
  return {
#include "userspace/capture/paths.def"
  };
#undef PATH
}

}  // namespace

const std::vector<Path>& paths() {
  static const std::vector<Path> all = read_paths();
  return all;
}

Finding find(const Path& path, const KernelFeatures& features, const Capabilities& kernel) {
  if (!path.there.empty() && !features.symbols().has(path.there) && features.symbols().module(path.there).empty())
    return {.known = Known::absent, .why = Text::path_not_here};
  if (!kernel.can_trace()) return {.known = Known::unknown, .why = Text::path_why_here};
  for (const auto& structure : path.structures)
    if (!features.symbols().has_structure(path.there, structure))
      return {.known = Known::unknown, .why = Text::path_why_here};
  if (!kernel.can_sum()) {
    const bool by_result = path.by_tracepoints == Known::inferred;
    return {.known = path.by_tracepoints, .why = by_result ? Text::path_why_result : Text::path_why_tracepoints};
  }
  Finding finding{.known = path.counted, .why = path.why};
  for (const auto& alternatives : path.hooks) {
    const auto fits = [&](const Probe* probe) { return is_there(*probe, features); };
    const auto hook = std::ranges::find_if(alternatives, fits);
    if (hook == alternatives.end()) return {.known = Known::unknown, .why = Text::path_why_here};
    finding.hooks.push_back(*hook);
  }
  return finding;
}

Text text_of(Does does) {
  switch (does) {
    case Does::copies:
      return Text::path_copies;
    case Does::references:
      return Text::path_references;
    case Does::dma:
      return Text::dma;
    case Does::transforms:
      return Text::path_transforms;
    case Does::fills:
      return Text::path_fills;
    case Does::drops:
      return Text::path_drops;
  }
  return Text::unknown;
}

Text text_of(Known known) {
  switch (known) {
    case Known::exact:
      return Text::exact;
    case Known::at_least:
      return Text::at_least;
    case Known::transform:
      return Text::path_transform;
    case Known::inferred:
      return Text::inferred;
    case Known::unknown:
      return Text::unknown;
    case Known::absent:
      return Text::path_absent;
  }
  return Text::unknown;
}

}  // namespace zctrace::capture
