#pragma once

#include <filesystem>

#include "userspace/lab/kernel.h"

namespace zctrace::lab {

/// The initramfs that boots this kernel: zctrace-init and the modules it needs to reach its root, its disk and its
/// network cards. Made once and kept in the cache folder; made anew when the kernel or zctrace-init is another. Throws
/// Error.
std::filesystem::path initramfs_for(const Kernel& kernel);

}  // namespace zctrace::lab
