#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace zctrace::timeline {

/// The bytes of a file through a small buffer, with the line number at hand for messages.
class ByteSource {
 public:
  /// Nothing was recognised in this many bytes.
  class TooLong : public std::runtime_error {
   public:
    TooLong() : std::runtime_error("") {}
  };
  static constexpr uint64_t kLongest = 16u << 20;

  /// `file` must be open; it is closed unless it is stdin.
  explicit ByteSource(std::FILE* file) : file_(file, file == stdin ? &keep_open : &std::fclose), buffer_(256 * 1024) {
    refill();
  }

  bool at_end() const { return used_ == size_; }
  bool failed() const { return std::ferror(file_.get()) != 0; }
  char peek() const { return buffer_[used_]; }
  void advance() {
    if (++used_ == size_) refill();
  }
  /// What came so far makes sense. Once kLongest bytes or a buffer more have passed since, advance() throws TooLong: a
  /// stream of blanks, or a word without an end, would never end.
  void recognised() { recognised_ = bytes_before_ + used_; }
  /// Of the next byte, counted from 1.
  size_t line() const { return lines_before_ + newlines(used_) + 1; }

 private:
  static int keep_open(std::FILE*) { return 0; }

  size_t newlines(size_t end) const {
    return static_cast<size_t>(std::count(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  }
  void refill() {
    lines_before_ += newlines(used_);
    bytes_before_ += used_;
    used_ = 0;
    if (bytes_before_ - recognised_ > kLongest) throw TooLong();
    size_ = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::vector<char> buffer_;
  size_t used_ = 0, size_ = 0, lines_before_ = 0;
  uint64_t bytes_before_ = 0, recognised_ = 0;
};

/// Lets the JSON parser take bytes one by one, so that it stops exactly behind a document.
class ByteIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  ByteIterator() = default;  ///< the end
  explicit ByteIterator(ByteSource& source) : source_(&source) {}

  char operator*() const { return source_->peek(); }
  ByteIterator& operator++() {
    source_->advance();
    return *this;
  }
  ByteIterator operator++(int) { return ++*this; }
  /// Only ever asked against the end.
  bool operator==(const ByteIterator& other) const { return ended() == other.ended(); }

 private:
  bool ended() const { return source_ == nullptr || source_->at_end(); }

  ByteSource* source_ = nullptr;
};

}  // namespace zctrace::timeline
