#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/fd.h"

/// Files without a name: gone with their last descriptor, whatever happens.
namespace zctrace::workloads {

/// An empty one, open for reading and writing, on a disk that has `size` bytes free for it. Throws Error.
Fd create_unlinked(const std::string& directory, uint64_t size);

/// Bytes that are free on the file's disk; 0 if unknown.
uint64_t free_bytes(int fd);

/// The error of a write that found no room for `size` bytes where `free` were, or failed otherwise.
Error no_room(int error, uint64_t free, const std::string& directory, uint64_t size);

}  // namespace zctrace::workloads
