#pragma once

#include <span>
#include <string>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The runs' figures side by side, a column each, held against the first run; what is the same in all is said once.
/// At most style.width columns wide; runs that find no room stand in further blocks below, beside the first again.
/// Ends with a newline.
std::string comparison_text(std::span<const timeline::Measured> runs, const Style& style);

/// Do they all stand in its first block?
bool comparison_fits(std::span<const timeline::Measured> runs, const Style& style);

}  // namespace zctrace::terminal
