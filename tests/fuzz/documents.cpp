// The reader of documents: from a file, or compressed. What it takes can be written, and read again as the same.
#include <cstdio>

#include "model/timeline/json_read.h"
#include "model/timeline/json_write.h"
#include "tests/fuzz/json_mutator.h"
#include "tests/fuzz/target.h"

using namespace zctrace;
using namespace zctrace::timeline;

namespace {

std::string written(const Recording& recording) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* sink = open_memstream(&text, &size);
  write_document(sink, recording);
  std::fclose(sink);
  std::string all(text, size);
  std::free(text);
  return all;
}

}  // namespace

FUZZ_TARGET(documents) {
  const fuzz::BytesAsFile file(input);
  fuzz::may_refuse([&] {
    DocumentReader reader(file.path());
    for (Recording recording; reader.next(recording, DocumentReader::Keep::all);) {
      const std::string once = written(recording);
      const fuzz::BytesAsFile copy(once);
      fuzz::must(written(read_recording(copy.path())) == once);
    }
  });
  fuzz::may_refuse([&] { read_summaries(file.path()); });
}
