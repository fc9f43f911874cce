#pragma once

#include <cstdint>

#include "base/fd.h"

namespace zctrace::lab {

/// A sparse file without a name, in $TMPDIR or the cache folder, that holds an empty ext4 of this many bytes. It is
/// gone with its last descriptor, however the process ends. Throws Error.
Fd make_disk(uint64_t bytes);

/// Throws Error when the host has no room left for the disk to grow: the guest would only see strange errors.
void check_room(const Fd& disk);

}  // namespace zctrace::lab
