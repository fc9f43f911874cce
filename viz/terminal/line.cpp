#include "viz/terminal/line.h"

namespace zctrace::terminal {

using summary::ArrowStyle;

Line line_of(ArrowStyle style) {
  switch (style) {
    case ArrowStyle::copy:
      return {"┃", "━", Ink::cpu};
    case ArrowStyle::dma:
      return {"║", "═", Ink::dma};
    case ArrowStyle::reference:
      return {"╎", "╌", Ink::reference};
    case ArrowStyle::transform:
      return {"┇", "┅", Ink::transform};
    case ArrowStyle::handed_over:
      return {"│", "─", Ink::dim};
    case ArrowStyle::doubtful:
      return {"╎", "╌", Ink::warn};
  }
  return {};
}

}  // namespace zctrace::terminal
