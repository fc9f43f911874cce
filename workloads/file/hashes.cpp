#include "workloads/file/hashes.h"

#include <xxhash.h>

#include <algorithm>

#include "base/io.h"

namespace zctrace::workloads {

void BlockHasher::FreeState::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

BlockHasher::BlockHasher() : state_(XXH3_createState()) {
  // Room for 4 GiB, touched, so that the receiver's own bookkeeping raises no page fault while bytes arrive.
  hashes_.resize(size_t{1} << 16, 1);
  hashes_.clear();
  XXH3_64bits_reset(state_.get());
}

void BlockHasher::add(const void* data, size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const size_t part = std::min<uint64_t>(bytes, kHashBlock - bytes_ % kHashBlock);
    XXH3_64bits_update(state_.get(), next, part);
    next += part;
    bytes -= part;
    bytes_ += part;
    if (bytes_ % kHashBlock == 0) {
      hashes_.push_back(XXH3_64bits_digest(state_.get()));
      XXH3_64bits_reset(state_.get());
    }
  }
}

const std::vector<uint64_t>& BlockHasher::finish() {
  if (bytes_ % kHashBlock != 0) hashes_.push_back(XXH3_64bits_digest(state_.get()));
  return hashes_;
}

std::vector<uint64_t> hash_file(int fd, uint64_t size) {
  constexpr size_t piece = 1U << 20;
  const Buffer buffer = make_buffer(piece);
  BlockHasher hasher;
  while (hasher.bytes() < size) {
    const size_t wanted = std::min<uint64_t>(piece, size - hasher.bytes());
    const off_t at = static_cast<off_t>(hasher.bytes());
    const ssize_t got = uninterrupted([&] { return pread(fd, buffer.get(), wanted, at); });
    if (got < 0) throw system_error("reading the source to verify the transfer");
    if (got == 0) throw source_shrank(hasher.bytes(), size);
    hasher.add(buffer.get(), static_cast<size_t>(got));
  }
  return hasher.finish();
}

std::optional<uint64_t> first_difference(const std::vector<uint64_t>& expected, const std::vector<uint64_t>& received) {
  const auto [mine, theirs] = std::mismatch(expected.begin(), expected.end(), received.begin(), received.end());
  if (mine == expected.end() && theirs == received.end()) return std::nullopt;
  return static_cast<uint64_t>(mine - expected.begin()) * kHashBlock;
}

}  // namespace zctrace::workloads
