#pragma once

#include <string>

#include "model/timeline/recording.h"
#include "viz/diagram/options.h"

namespace zctrace::diagram {

/// The flow diagram as it came to be: a playback of the recorded events that begins anew after a pause. One SVG that
/// moves by CSS alone, in an <img> too; for who wants no motion, and for programs that know none, it is the finished
/// picture. Throws Error (failed) where the recording holds nothing to play: no events, or a traced program's flows.
std::string animated_flow(const timeline::Recording& recording, const Options& options);

}  // namespace zctrace::diagram
