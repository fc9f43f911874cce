#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/output_file.h"

namespace zctrace::commands {

/// Cuts a stream of JSON documents, each of which ends in a line that is "}" alone, into files without a name.
class DocumentStream {
 public:
  explicit DocumentStream(std::function<void(std::unique_ptr<OutputFile>)> on_document)
      : on_document_(std::move(on_document)) {}

  /// Calls on_document for each that is whole. Throws Error where a temporary file cannot be written.
  void take(std::string_view bytes);

  /// How many were whole.
  size_t done() const { return done_; }

  /// Forgets the one that is not whole: its writer has died.
  void abandon();

 private:
  std::function<void(std::unique_ptr<OutputFile>)> on_document_;
  std::unique_ptr<OutputFile> file_;
  std::string line_;
  size_t done_ = 0;
};

/// What it holds so far, piece by piece.
void read_pieces(const OutputFile& file, const std::function<void(std::string_view)>& take);

/// Writes what it holds so far to `path`. Throws Error.
void save_as(const std::string& path, const OutputFile& file);

}  // namespace zctrace::commands
