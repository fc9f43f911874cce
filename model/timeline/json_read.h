#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/timeline/recording.h"

namespace zctrace::timeline {

/// Reads the timeline documents of a file one after the other. Trusts nothing: whatever is not a document of this
/// schema, cut off or damaged, is an Error (failed) of one line that names the file and the place.
class DocumentReader {
 public:
  enum class Keep { all, head };  ///< head: events are checked to be JSON, and dropped: memory stays small at any size

  /// "-" is standard input.
  explicit DocumentReader(const std::string& path);
  ~DocumentReader();
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;

  /// The next document; false after the last. A file without any is an Error.
  bool next(Recording& recording, Keep keep);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The file's only document, with its events.
Recording read_recording(const std::string& path);

/// Every document of the file, without their events.
std::vector<Document> read_summaries(const std::string& path);

}  // namespace zctrace::timeline
