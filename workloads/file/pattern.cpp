#include "workloads/file/pattern.h"

namespace zctrace::workloads {

void fill_pattern(std::span<uint64_t> words, uint64_t first) {
  // Two rounds of SplitMix64. Each step can be undone, so different indices give different words.
  uint64_t state = (first + 1) * 0x9e3779b97f4a7c15U;
  for (uint64_t& word : words) {
    const uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9U;
    word = mixed ^ (mixed >> 27);
    state += 0x9e3779b97f4a7c15U;
  }
}

}  // namespace zctrace::workloads
