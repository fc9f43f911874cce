#pragma once

#include <span>
#include <string>

#include "model/timeline/model.h"
#include "viz/diagram/options.h"

/// Form::slide, 1280 x 720 px: three figures and the picture of one run, the biggest flows of a program, or runs side
/// by side. What stands in the other forms and not here is left to whoever speaks.
namespace zctrace::diagram {

/// `order`: see summary::picture().
std::string flow_slide(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options,
                       std::span<const std::string> order = {});

/// The first of them where they are more than fit; how many are left out is said.
std::string comparison_slide(std::span<const timeline::Measured> runs, const Options& options);

}  // namespace zctrace::diagram
