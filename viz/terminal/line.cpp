#include "viz/terminal/line.h"

#include "model/summary/edge_label.h"

namespace zctrace::terminal {

using namespace timeline;

Line line_of(Mover by) {
  switch (by) {
    case Mover::cpu:
      return {"┃", "━", Ink::cpu};
    case Mover::dma:
      return {"║", "═", Ink::dma};
    case Mover::reference:
      return {"╎", "╌", Ink::reference};
  }
  return {};
}

Line line_of(const Run& run, const Edge& edge) {
  auto line = line_of(edge.by);
  if (summary::doubtful(run, edge)) line.ink = Ink::warn;
  return line;
}

}  // namespace zctrace::terminal
