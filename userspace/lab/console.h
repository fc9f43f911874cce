#pragma once

#include <string>
#include <string_view>

namespace zctrace::lab {

/// The last few kilobytes of what a guest's kernel printed, shown when it ends badly.
class Console {
 public:
  void add(std::string_view bytes);
  bool silent() const { return text_.empty(); }
  /// The panic's own line when there is one; else empty.
  std::string panic() const;
  /// The lines that tell most, from the first sign of a crash or else the last ones, each indented on a line of its
  /// own, ready to follow an error's first line.
  std::string telling_lines(size_t lines = 6) const;

 private:
  std::string text_;
};

}  // namespace zctrace::lab
