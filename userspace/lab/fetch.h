#pragma once

#include <functional>
#include <string>

#include "model/language/message.h"
#include "userspace/lab/kernel.h"

namespace zctrace::lab {

/// What a fetch is doing: a stage and how much of it is done, 0 to 100, or negative when that is unknown.
using FetchProgress = std::function<void(const Message& stage, double percent)>;

/// Fetches one of the lab's own kernels with apt, from the Debian mirror this machine uses ($ZCTRACE_MIRROR names
/// another one), checks its signature, and keeps it in the cache folder. Needs no root, installs nothing. Does nothing
/// when it is there already. Two at once wait for each other; a broken one leaves nothing. Throws Error.
Kernel fetch_kernel(const std::string& version, const FetchProgress& progress);

/// Removes a fetched kernel from the cache. False when there was none.
bool remove_kernel(const std::string& version);

}  // namespace zctrace::lab
