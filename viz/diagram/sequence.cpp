#include "viz/diagram/sequence.h"

#include "viz/diagram/sequence_chunk.h"

namespace zctrace::diagram {

std::string sequence(const timeline::Document& document, Span, const Options& options) {
  const auto choice = choose(document);
  const auto seen = scene(document, choice.window, choice.task);
  return ChunkPicture(document, options, choice, seen).draw();
}

}  // namespace zctrace::diagram
