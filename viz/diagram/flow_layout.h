#pragma once

#include "viz/diagram/flow_brush.h"

/// Where the parts of the flow diagram stand: one layout for each form.
namespace zctrace::diagram::flow_parts {

/// All that moves between two places, either way, side by side.
struct Way {
  std::vector<const summary::Arrow*> arrows;
  std::vector<std::vector<Line>> lines;  ///< the label of each

  bool empty() const { return arrows.empty(); }
  /// Of all labels, one above the other.
  double height() const;
};

/// The labels no wider than `most`.
Way way_between(const std::vector<summary::Arrow>& arrows, timeline::End a, timeline::End b, double most);

/// The same with its label in plain ink: the receiver's copies are apart from the method's lesson.
Way quiet(Way way);

/// Draws the figure from `top` on; returns its lower edge.
double draw_wide(Brush& brush, const summary::Picture& picture, Language language, double top);
/// Between 0 and `width`, from 0 on, in small boxes.
double draw_terse(Brush& brush, const summary::Picture& picture, Language language, double width);
double draw_narrow(Brush& brush, const summary::Picture& picture, Language language, double top);

}  // namespace zctrace::diagram::flow_parts
