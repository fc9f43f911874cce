#pragma once

#include <memory>
#include <string>

#include "model/timeline/recording.h"
#include "viz/diagram/options.h"
#include "viz/diagram/sequence_rounds.h"

namespace zctrace::diagram {

/// What of a run the sequence diagram shows.
enum class Span : uint8_t {
  chunk,  ///< one round of the sender's calls: the median one by its duration
  whole,  ///< the run from begin to end
};

/// The documents' other figure, as measured: user space, kernel and devices over real time. Draws any document, also
/// one without events; under 300 KB however many there are. Groups that stand for a time carry data-from and
/// data-until, ns from the run's start. What several pictures of a recording show is found once.
class Sequence {
 public:
  /// The recording must live as long.
  explicit Sequence(const timeline::Recording& recording);
  /// `choice`: what choose() found.
  Sequence(const timeline::Recording& recording, const Choice& choice);
  ~Sequence();
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  std::string draw(Span span, const Options& options);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zctrace::diagram
