#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "userspace/lab/kernel.h"

namespace zctrace::lab {

/// The kernel inside a bzImage, when QEMU can start it directly (it has a PVH entry); else empty.
std::string vmlinux_in(std::string_view bzimage);

/// The file to hand to QEMU: the unpacked kernel, made once and kept in the cache folder, or else the bzImage itself.
/// A kernel that unpacks itself under emulation takes 1 to 5 s longer to boot.
std::filesystem::path image_to_boot(const Kernel& kernel);

}  // namespace zctrace::lab
