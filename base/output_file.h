#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "base/output_place.h"

namespace zctrace {

/// Throws Error (usage) if `path` is one of the recordings that are read: a measurement cannot be had again.
void keep_recordings(const std::string& path, std::span<const std::string> recordings);

/// Throws Error if `path` cannot be written, before minutes are spent on measuring what goes there. `option` asked
/// for it.
void check_place(const std::string& path, const char* option);

/// Creates a folder for output unless it is there; under sudo, in a folder of who called it, it is theirs. Throws
/// Error.
void make_folder(const std::string& path);

/// A file that appears whole or not at all: written without a name, which it gets by commit(). A crash leaves nothing,
/// and what was there stays until then. How what is there already is treated: OutputWay. Compressed where its name
/// ends in .zst.
class OutputFile {
 public:
  /// Empty path: a file without a name, that is gone with this object. Throws Error.
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  FILE* stream() { return packing_ ? packing_ : stream_; }
  void write(std::string_view bytes);
  /// Where its present content can be read, before and after commit().
  std::string readable_path() const;
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  void link_in_place();
  void copy_in_place();

  std::string path_;
  OutputPlace place_;
  FILE* stream_ = nullptr;
  FILE* packing_ = nullptr;  ///< into stream_, until commit()
};

}  // namespace zctrace
