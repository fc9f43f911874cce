#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

/// Streams that are compressed by zstd on their way.
namespace zctrace {

/// Whether a file that begins like this is one of zstd.
bool begins_as_zstd(std::string_view bytes);

/// The content of such a file, piece by piece. One that is cut off ends early; one after the other is read as one.
class ZstdReader {
 public:
  /// `begin`: what was read of `file` already. The file must live as long.
  ZstdReader(std::FILE* file, std::string begin);
  ~ZstdReader();
  ZstdReader(const ZstdReader&) = delete;
  ZstdReader& operator=(const ZstdReader&) = delete;

  /// How many bytes were put there; fewer than `size` at the end, or where it is damaged.
  size_t read(char* to, size_t size);
  bool damaged() const;
  bool cut_off() const;  ///< known once all was read

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A stream whose bytes arrive in `sink` compressed, the last of them when it is closed; where they cannot be written,
/// it fails as a file does. `sink` stays the caller's. Throws std::bad_alloc.
std::FILE* zstd_into(std::FILE* sink);

}  // namespace zctrace
