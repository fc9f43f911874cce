#pragma once

#include <string>
#include <vector>

#include "model/language/text.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/probes.h"

namespace zctrace::capture {

/// What a path does to bytes.
enum class Does { copies, references, dma, transforms, fills, drops };

/// What can be said of bytes that take a path. `absent`: this kernel has none, as far as its symbols tell.
enum class Known { exact, at_least, transform, inferred, unknown, absent };

/// A way that bytes can take through the kernel: a row of paths.def.
struct Path {
  const char* name;
  Text title;
  Does does;
  Known counted;                                 ///< with its hooks
  std::vector<std::vector<const Probe*>> hooks;  ///< one of each list is needed
  Known by_tracepoints;                          ///< on a kernel that allows tracepoints only
  std::vector<std::string> structures;           ///< of the module with `there`, whose layout the hooks need
  std::string there;                             ///< a function that shows that the kernel has it; empty: all have
  Text why;                                      ///< not counted, or not whole
  const char *since, *recognised;
};
const std::vector<Path>& paths();

/// What the kernel lets us say of it, and by which hooks or why not.
struct Finding {
  Known known = Known::unknown;
  std::vector<const Probe*> hooks = {};  ///< that count it
  Text why = Text::path_counted;
};
Finding find(const Path& path, const KernelFeatures& features, const Capabilities& kernel);

Text text_of(Does does);
Text text_of(Known known);

}  // namespace zctrace::capture
