#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "userspace/export/exporter.h"

namespace zctrace::exports {

/// A buffer before an Output: a call for each field would cost more than the field.
class OutputBuffer {
 public:
  explicit OutputBuffer(Output output) : output_(std::move(output)) { bytes_.reserve(2 * kFull); }

  OutputBuffer& operator<<(std::string_view text) {
    bytes_ += text;
    if (bytes_.size() >= kFull) flush();
    return *this;
  }
  template <class Number>
  requires std::is_arithmetic_v<Number> OutputBuffer& operator<<(Number value) {
    char digits[32];
    return *this << std::string_view(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  void flush() {
    output_(bytes_);
    bytes_.clear();
  }

 private:
  static constexpr size_t kFull = 64 * 1024;

  Output output_;
  std::string bytes_;
};

}  // namespace zctrace::exports
