#pragma once

#include "viz/diagram/flow_brush.h"
#include "viz/diagram/options.h"

/// What stands above and below the flow diagram's figure. Each draws from `top` on and returns its lower edge.
namespace zctrace::diagram::flow_parts {

/// Title and setting; the verdict, and what the documents claim.
double draw_head(Brush& brush, const timeline::Run& run, const timeline::Ledger& ledger, const Options& options,
                 double top);

/// Of what copies the textbooks say otherwise: as many arrows as were measured, and below them, as outlines, as many as
/// they claim. On which way is not claimed, so the figure has none of them.
double draw_claimed(Brush& brush, const summary::Picture& picture, const Options& options, double top);

/// What the arrows mean.
double draw_legend(Brush& brush, const summary::Picture& picture, const Options& options, double top);

/// The figures that are no arrows, and how well all is known.
double draw_foot(Brush& brush, const timeline::Run& run, const timeline::Ledger& ledger,
                 const summary::Picture& picture, const Options& options, double top);

}  // namespace zctrace::diagram::flow_parts
