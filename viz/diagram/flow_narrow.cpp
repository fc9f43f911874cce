#include "viz/diagram/flow_layout.h"

namespace zctrace::diagram {
double draw_narrow(Brush& brush, const Facts& facts, Language language, double top) {
  return draw_wide(brush, facts, language, top);
}
}  // namespace zctrace::diagram
