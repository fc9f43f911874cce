#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/output_file.h"

namespace zctrace::commands {

/// Between the documents of a stream (RFC 7464): before each, and at once after it too, so that its reader knows that
/// it is whole and need not wait for the next. Nowhere in JSON.
inline constexpr char kRecordSeparator = '\x1e';

/// Cuts such a stream into files without a name.
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
  size_t done_ = 0;
};

/// What it holds so far, piece by piece.
void read_pieces(const OutputFile& file, const std::function<void(std::string_view)>& take);

/// One document of such a stream: what `write` writes to `sink`, with the separators; flushed.
void write_record(std::FILE* sink, const std::function<void()>& write);

/// Writes what it holds so far to `path`. Throws Error.
void save_as(const std::string& path, const OutputFile& file);
/// The same as one document of a stream.
void save_as_record(const std::string& path, const OutputFile& file);

}  // namespace zctrace::commands
