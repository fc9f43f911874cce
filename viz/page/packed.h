#pragma once

#include <cstdio>
#include <memory>

namespace zctrace::page {

/// A stream whose bytes arrive in another one gzip'd and in base64, which holds nothing that HTML could take for
/// markup. Needs a few 100 KiB, whatever its length.
class Packed {
 public:
  /// `sink` stays the caller's, and open.
  explicit Packed(std::FILE* sink);
  ~Packed();
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;

  std::FILE* stream();

  /// Ends it. Returns the bytes that went in. Throws Error (failed) if any could not be written.
  uint64_t finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zctrace::page
