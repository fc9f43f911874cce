#pragma once

#include <string>
#include <vector>

#include "userspace/capture/session.h"

namespace zctrace::commands {

/// Where to measure: empty for the kernel we run on, else a lab kernel. `wanted` is "auto", "host", or a lab kernel's
/// version, release or file; `needs_cards`: only the lab has them. Unless `quiet`, standard error says which and why.
/// May fetch a kernel. Throws Error.
std::string choose_kernel(const std::string& wanted, capture::CopyMode copies, bool needs_cards, bool quiet);

/// What one gives there, for completion.
std::vector<std::string> kernel_choices();

}  // namespace zctrace::commands
