#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace zctrace::workloads {

/// The generated file's content: each 8-byte word is a function of its index, and no word occurs twice.
/// Fills `words` with the words from number `first` on.
void fill_pattern(std::span<uint64_t> words, uint64_t first);

}  // namespace zctrace::workloads
