#pragma once

#include <string>

#include "model/matrix/table.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The table for a terminal of style.width columns, where that can be: kernels that say the same share a line. Ends
/// with a newline.
std::string matrix_text(const matrix::Table& table, const Style& style);

}  // namespace zctrace::terminal
