#pragma once

#include <vector>

#include "model/summary/comparison_facts.h"
#include "viz/diagram/svg.h"

namespace zctrace::diagram::compared {

/// What the bars and the documents' marks mean, as far as they occur; its first line at `y`. Returns the last one's.
double draw_legend(Svg& svg, const std::vector<summary::Row>& rows, Language language, double margin, double y);

}  // namespace zctrace::diagram::compared
