#include "viz/diagram/sequence.h"

#include <map>
#include <optional>

#include "viz/diagram/sequence_chunk.h"
#include "viz/diagram/sequence_whole.h"

namespace zctrace::diagram {

struct Sequence::State {
  State(const timeline::Recording& of, const Choice& shown) : recording(of), choice(shown) {}

  const Density& whole(size_t columns) {
    if (!run) run = whole_run(recording);
    const auto found = densities.find(columns);
    if (found != densities.end()) return found->second;
    return densities.emplace(columns, density(recording, *run, choice.task, columns)).first->second;
  }

  const timeline::Recording& recording;
  Choice choice;
  std::optional<Scene> chunk;
  std::optional<Window> run;
  std::map<size_t, Density> densities;  ///< by their columns
};

Sequence::Sequence(const timeline::Recording& recording) : Sequence(recording, choose(recording)) {}

Sequence::Sequence(const timeline::Recording& recording, const Choice& choice)
    : state_(std::make_unique<State>(recording, choice)) {}

Sequence::~Sequence() = default;

std::string Sequence::draw(Span span, const Options& options) {
  auto& [recording, choice, chunk, run, densities] = *state_;
  if (span == Span::whole)
    return WholePicture(recording, options, choice, state_->whole(columns_of(options.form))).draw();
  if (!chunk) chunk = scene(recording, choice);
  return ChunkPicture(recording, options, choice, *chunk).draw();
}

}  // namespace zctrace::diagram
