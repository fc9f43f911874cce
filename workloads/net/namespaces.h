#pragma once

#include <functional>

#include "base/fd.h"

/// Unnamed network namespaces: they live as long as a descriptor or a process holds them, so nothing stays behind.
namespace zctrace::workloads {

/// A new namespace with `lo` up and IPv6 off. Throws not_permitted where the user may not make one.
Fd make_namespace();

/// Runs `work` in the namespace, on a thread of its own; passes on what it throws.
void in_namespace(int netns, const std::function<void()>& work);

}  // namespace zctrace::workloads
