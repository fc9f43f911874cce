#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

struct XXH3_state_s;

/// The content's fingerprint: one 64-bit XXH3 per block, so that what arrived is verified without keeping it.
namespace zctrace::workloads {

inline constexpr uint64_t kHashBlock = 64 * 1024;

/// Hashes a stream that comes in pieces of any length.
class BlockHasher {
 public:
  BlockHasher();
  void add(const void* data, size_t bytes);
  /// Ends the last block. Call once.
  const std::vector<uint64_t>& finish();
  uint64_t bytes() const { return bytes_; }

 private:
  struct FreeState {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, FreeState> state_;
  std::vector<uint64_t> hashes_;
  uint64_t bytes_ = 0;
};

/// Hashes the first `size` bytes of a file. Throws when it cannot be read or has become shorter.
std::vector<uint64_t> hash_file(int fd, uint64_t size);

/// Offset of the first block that differs or is missing on one side; none if all are equal.
std::optional<uint64_t> first_difference(const std::vector<uint64_t>& expected, const std::vector<uint64_t>& received);

}  // namespace zctrace::workloads
