#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/zstd.h"

namespace zctrace::timeline {

/// The bytes of a file through a small buffer, with the line number at hand for messages: what RapidJSON reads from, so
/// that it stops exactly behind a document. Behind the last byte are NULs, as it wants. What zstd compressed is
/// decompressed, whatever its name.
class ByteSource {
 public:
  /// Nothing was recognised in this many bytes.
  class TooLong : public std::runtime_error {
   public:
    TooLong() : std::runtime_error("") {}
  };
  static constexpr uint64_t kLongest = 16u << 20;

  /// `file` must be open; it is closed unless it is stdin.
  explicit ByteSource(std::FILE* file)
      : file_(file, file == stdin ? &keep_open : &std::fclose), buffer_(kSize + 1), at_(buffer_.data()), end_(at_) {
    refill();
    if (!begins_as_zstd({at_, end_})) return;
    zstd_ = std::make_unique<ZstdReader>(file_.get(), std::string(at_, end_));
    at_ = end_ = buffer_.data();
    refill();
  }

  bool at_end() const { return at_ == end_; }
  bool failed() const { return std::ferror(file_.get()) != 0; }
  bool damaged() const { return zstd_ && zstd_->damaged(); }  ///< as zstd sees it
  bool cut_off() const { return zstd_ && zstd_->cut_off(); }
  /// What came so far makes sense. Once kLongest bytes or a buffer more have passed since, Take() throws TooLong: a
  /// stream of blanks, or a word without an end, would never end.
  void recognised() { recognised_ = Tell(); }
  /// Of the next byte, counted from 1.
  size_t line() const { return lines_before_ + newlines() + 1; }

  using Ch = char;
  char Peek() const { return *at_; }
  char Take() {
    const char byte = *at_;
    if (++at_ >= end_) refill();
    return byte;
  }
  size_t Tell() const { return bytes_before_ + static_cast<size_t>(at_ - buffer_.data()); }

  // Of a stream that is parsed in place, which this is not.
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  void Flush() {}
  size_t PutEnd(char*) { return 0; }

 private:
  static constexpr size_t kSize = 256 * 1024;

  static int keep_open(std::FILE*) { return 0; }

  size_t newlines() const { return static_cast<size_t>(std::count(buffer_.data(), at_, '\n')); }
  void refill() {
    at_ = std::min<const char*>(at_, end_);  // at the end there is no next byte
    lines_before_ += newlines();
    bytes_before_ += static_cast<size_t>(at_ - buffer_.data());
    at_ = end_ = buffer_.data();
    if (bytes_before_ - recognised_ > kLongest) throw TooLong();
    end_ += zstd_ ? zstd_->read(buffer_.data(), kSize) : std::fread(buffer_.data(), 1, kSize, file_.get());
    buffer_[static_cast<size_t>(end_ - at_)] = '\0';
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::unique_ptr<ZstdReader> zstd_;
  std::vector<char> buffer_;
  const char *at_, *end_;
  size_t lines_before_ = 0, bytes_before_ = 0, recognised_ = 0;
};

}  // namespace zctrace::timeline
