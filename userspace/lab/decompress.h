#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zctrace::lab {

/// The content of compressed bytes (xz, zstd, gzip, ...); nothing when they cannot be decompressed.
std::optional<std::string> decompress(std::string_view bytes);

}  // namespace zctrace::lab
