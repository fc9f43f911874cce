#pragma once

#include <cstdint>
#include <optional>

namespace zctrace::workloads {

/// Bytes of the file's first `size` that are in the page cache; none if this user may not ask.
std::optional<uint64_t> resident_bytes(int fd, uint64_t size);

/// Writes the file back and drops it from the page cache, as far as nobody else holds its pages.
void drop_from_cache(int fd, uint64_t size);

/// Reads the file once.
void read_into_cache(int fd, uint64_t size);

}  // namespace zctrace::workloads
