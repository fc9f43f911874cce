#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include "model/timeline/recording.h"

namespace zctrace::timeline {

/// Writes one timeline document to a stream: the head at once, then events as they come, one per line. Documents may
/// follow one another in a file. Needs 64 KiB, whatever the document's size. Throws Error (failed) if the stream cannot
/// be written.
class DocumentWriter {
 public:
  /// `sink` stays the caller's, open and unflushed until finish().
  DocumentWriter(std::FILE* sink, const Run& run, const Ledger& ledger);
  ~DocumentWriter();
  DocumentWriter(const DocumentWriter&) = delete;
  DocumentWriter& operator=(const DocumentWriter&) = delete;

  /// `names` is what the events' indexes point into; it may have grown since the last call.
  void write(std::span<const Event> events, std::span<const std::string> names);

  /// Ends the document and flushes the stream. Without it the document is truncated, and readers say so.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole of it. `sink` is flushed, not closed.
void write_document(std::FILE* sink, const Document& document);

void write_document(std::FILE* sink, const Recording& recording);

/// The same, into a file; "-" is standard output.
void write_document(const std::string& path, const Document& document);

}  // namespace zctrace::timeline
