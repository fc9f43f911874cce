#pragma once

#include <sys/types.h>

#include <cstddef>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/run/prepared_receiver.h"

namespace zctrace::workloads {

/// Takes what arrives into a buffer of one chunk, by a call such as read().
class IntoBuffer : public PreparedReceiver {
 public:
  using Call = ssize_t (*)(int from, void* buffer, size_t bytes);

  /// `doing`: what an error says failed.
  IntoBuffer(const Reception& reception, Call call, const char* doing)
      : reception_(reception), call_(call), doing_(doing), buffer_(make_buffer(reception.chunk)) {}

  uint64_t receive() override {
    const ssize_t got = uninterrupted([&] { return call_(reception_.connection, buffer_.get(), reception_.chunk); });
    if (got < 0) throw system_error(doing_);
    if (reception_.hashed) hasher_.add(buffer_.get(), static_cast<size_t>(got));
    return static_cast<uint64_t>(got);
  }
  std::vector<uint64_t> hashes() override { return hasher_.finish(); }

 private:
  Reception reception_;
  Call call_;
  const char* doing_;
  Buffer buffer_;
  BlockHasher hasher_;
};

}  // namespace zctrace::workloads
