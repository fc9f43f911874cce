#pragma once

#include <string>

#include "model/timeline/model.h"
#include "viz/diagram/options.h"

namespace zctrace::diagram {

/// What of a run the sequence diagram shows.
enum class Span : uint8_t {
  chunk,  ///< one round of the sender's calls: the median one by its duration
  whole,  ///< the run from begin to end
};

/// The documents' other figure, as measured: user space, kernel and devices over real time. Draws any document, also
/// one without events; under 300 KB however many there are. Groups that stand for a time carry data-from and
/// data-until, ns from the run's start.
std::string sequence(const timeline::Document& document, Span span, const Options& options);

}  // namespace zctrace::diagram
