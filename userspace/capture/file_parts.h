#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace zctrace::capture {

/// Consecutive sectors of 512 bytes on a whole disk, and where in the file their first byte lies, in bytes.
struct FilePart {
  uint64_t first_sector = 0, sectors = 0, offset = 0;
};

/// Where in the file the first byte of it lies that a request for `bytes` from `sector` on brings. Nothing where it
/// brings none, or where several parts of the file share the blocks.
std::optional<uint64_t> file_offset(const std::vector<FilePart>& parts, uint64_t sector, uint64_t bytes);

}  // namespace zctrace::capture
