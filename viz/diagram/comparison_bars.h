#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/summary/comparison_facts.h"
#include "viz/diagram/svg.h"

/// The pieces that the comparison is put together from.
namespace zctrace::diagram::compared {

/// Where a bar lies, and how many px one unit of its figure is.
struct Place {
  double x, y, height;
  double unit;
  double most;  ///< px; what is longer is drawn broken off
};

/// Slanting lines over a field: not seen, not known.
void hatch(Svg& svg, double x, double y, double width, double height, std::string_view classes);

/// Is there room for an edge's ends, in one line or in two, in a piece of that size?
bool label_fits(const summary::Part& part, double width, double height);

/// A bar in parts, one after the other; the nth is of the nth class, or of the last. Hollow where it is not exact.
/// `labels`: with the parts' ends written into them where they fit. Returns where the bar ends.
double draw_bar(Svg& svg, const Place& place, const summary::Bar& bar, const std::vector<std::string_view>& classes,
                bool labels);

/// The field of a figure that is not known.
void draw_unknown(Svg& svg, double x, double y, double width, double height, std::string_view word);

/// The documents' mark: hollow where they agree with what was measured, else filled.
void draw_claim(Svg& svg, double x, double y, bool differs, double scale = 1);

}  // namespace zctrace::diagram::compared
