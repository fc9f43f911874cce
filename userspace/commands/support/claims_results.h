#pragma once

#include <filesystem>

#include "userspace/commands/support/claims_request.h"

namespace zctrace::commands {

/// The folder with all results that there can be on a kernel: what was not measured before is measured now. Throws
/// Error.
std::filesystem::path claims_results(const ClaimsMeasuring& asked);

}  // namespace zctrace::commands
