#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/path.h"

namespace zctrace::workloads {

/// "4096", "64KiB", "4M", "1GiB": bytes, at least 1. K, M, G with or without iB are powers of 1024; kB, MB, GB of 1000.
/// Throws a usage Error that names `what` ("--size").
uint64_t parse_size(std::string_view text, std::string_view what);

/// "sg=off,tx=off,tso=off,gso=on"; empty wishes nothing. Throws a usage Error.
OffloadWish parse_offload(std::string_view text);

/// The shortest exact form of a size: "4 MiB", "1 byte", "4097 bytes".
std::string size_text(uint64_t bytes);

}  // namespace zctrace::workloads
