#pragma once

#include <string>

#include "model/timeline/rates.h"
#include "viz/terminal/style.h"

namespace zctrace::terminal {

/// Red where the CPU copied, green where it did not, dim where that is not known.
Ink ink_of(const timeline::Motion& motion);

/// "/www/a.iso ╌▶ tcp 10.0.0.1:80 - 10.0.0.2:4711" in exactly so many columns. Names lose their beginnings.
std::string flow_cell(const timeline::Flow& flow, const timeline::Motion& motion, int width, const Style& style);

/// The end as a person reads it, without colour and uncut.
std::string end_text(const timeline::FlowEnd& end, Language language);

}  // namespace zctrace::terminal
