#pragma once

#include "model/summary/flow_rows.h"
#include "model/timeline/model.h"
#include "viz/diagram/flow_brush.h"

namespace zctrace::diagram::flow_parts {

/// A traced program's flows in the place of the documents' figure: where the bytes came from on the left, where they
/// went on the right, an arrow for each method between them; the legend below. Draws from `top` on and returns its
/// lower edge.
double draw_program(Brush& brush, const timeline::Run& run, const timeline::Flows& flows, const Options& options,
                    double top);

/// How the arrow of a flow, or of one method's part of it, looks.
summary::ArrowStyle style_of(const summary::FlowRow& flow, const summary::FlowFigures& figures);

}  // namespace zctrace::diagram::flow_parts
