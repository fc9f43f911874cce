#include "viz/diagram/sequence.h"

#include "viz/diagram/sequence_chunk.h"
#include "viz/diagram/sequence_whole.h"

namespace zctrace::diagram {

std::string sequence(const timeline::Document& document, Span span, const Options& options) {
  const auto choice = choose(document);
  if (span == Span::whole) return WholePicture(document, options, choice).draw();
  const auto seen = scene(document, choice.window, choice.task);
  return ChunkPicture(document, options, choice, seen).draw();
}

}  // namespace zctrace::diagram
