#include "userspace/capture/file_parts.h"

#include <algorithm>

namespace zctrace::capture {

std::optional<uint64_t> file_offset(const std::vector<FilePart>& parts, uint64_t sector, uint64_t bytes) {
  constexpr uint64_t kSector = 512;
  const FilePart* found = nullptr;
  for (const FilePart& part : parts) {
    if (part.first_sector >= sector + bytes / kSector || part.first_sector + part.sectors <= sector) continue;
    if (!found || part.first_sector < found->first_sector) found = &part;
  }
  if (!found) return std::nullopt;
  const uint64_t first = std::max(sector, found->first_sector);
  const auto holds_it = [&](const FilePart& part) {
    return part.first_sector <= first && first < part.first_sector + part.sectors;
  };
  if (std::ranges::count_if(parts, holds_it) > 1) return std::nullopt;
  return found->offset + (first - found->first_sector) * kSector;
}

}  // namespace zctrace::capture
