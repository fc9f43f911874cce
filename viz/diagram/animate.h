#pragma once

#include <string>

#include "model/summary/picture.h"
#include "model/timeline/recording.h"
#include "viz/diagram/options.h"
#include "viz/diagram/playback.h"

namespace zctrace::diagram {

class Motion;

/// The flow diagram as it came to be: a playback of the recorded events that begins anew after a pause.
class AnimatedFlow {
 public:
  /// `recording` outlives it. Throws Error (failed) where it holds nothing to play: no events, or a traced program's
  /// flows.
  AnimatedFlow(const timeline::Recording& recording, const Options& options);

  /// One SVG that moves by CSS alone, in an <img> too; for who wants no motion, and for programs that know none, it is
  /// the finished picture.
  std::string moving() const;

  /// s until it begins anew.
  double length() const;
  /// What moving() shows at that second, as an SVG that stands still; the finished picture at the end and beyond.
  std::string still(double second) const;

 private:
  std::string draw(Motion motion) const;

  const timeline::Recording& recording_;
  Options options_;
  summary::Picture picture_;
  Playback play_;
};

}  // namespace zctrace::diagram
