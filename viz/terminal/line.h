#pragma once

#include "model/summary/picture.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// How an arrow is drawn.
struct Line {
  const char *vertical, *horizontal;
  Ink ink;
};

Line line_of(summary::ArrowStyle style);

}  // namespace zctrace::terminal
