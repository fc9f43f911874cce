#pragma once

#include <cstdio>
#include <string>

#include "model/timeline/model.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// The run as a picture with its figures, ready for a terminal of style.width columns; ends with a newline. What was
/// found stands first, or last where the terminal has fewer rows than that.
std::string run_text(const timeline::Run& run, const timeline::Ledger& ledger, const Style& style);

void print_run(const timeline::Run& run, const timeline::Ledger& ledger, std::FILE* stream, const Style& style);

}  // namespace zctrace::terminal
