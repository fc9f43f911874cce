#pragma once

#include "workloads/run/registry.h"

namespace zctrace::workloads {

/// What the methods need whose sockets encrypt.
extern const KernelNeed kernel_tls;

}  // namespace zctrace::workloads
