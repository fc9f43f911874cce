#pragma once

#include <span>
#include <string>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// More runs than stand side by side, a row each: copies per byte, mode switches per chunk, what the textbooks say of
/// both, and the receiver's copies. Ends with a newline.
std::string overview_text(std::span<const timeline::Measured> runs, const Style& style);

}  // namespace zctrace::terminal
