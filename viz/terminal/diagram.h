#pragma once

#include <string>
#include <vector>

#include "model/summary/picture.h"
#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The documents' picture with the run's figures on it, 80 columns wide: user space above, the kernel below it,
/// hardware at the bottom; boxes where bytes rest, arrows for how they moved on the sending side.
std::vector<std::string> diagram(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);
/// That of a picture which was made already.
std::vector<std::string> diagram(const summary::Picture& picture, const Style& style);

/// How wide it is at least.
inline constexpr int kNarrowestDiagram = 60;

}  // namespace zctrace::terminal
