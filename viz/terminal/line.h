#pragma once

#include "model/timeline/ledger.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// How a mover's line looks.
struct Line {
  const char *vertical, *horizontal;
  Ink ink;
};

Line line_of(timeline::Mover by);
/// Of an edge that may be in doubt.
Line line_of(const timeline::Run& run, const timeline::Edge& edge);

}  // namespace zctrace::terminal
