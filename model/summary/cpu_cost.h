#pragma once

#include <string>
#include <vector>

#include "model/language/texts.h"
#include "model/quantities/quantities.h"

namespace zctrace::summary {

/// What was found out about one side's cost.
struct CpuLine {
  timeline::Side side;
  Text label;
  std::string text;  ///< "~0.35 ms per MiB; 41% ± 3 in copy routines, ... (sampled: 812 samples in 12 passes, ...)"
};

/// Of each side that has any, the judged one first; empty where nothing was sampled.
std::vector<CpuLine> cpu_lines(const timeline::Run& run, const timeline::Ledger& ledger, Language language);

/// "41% ± 3"
std::string share_text(const timeline::SampledShare& share);

/// Where the figure is from, and how far off it may be.
std::string cpu_detail(const quantities::Quantity& quantity, const quantities::Subject& subject, Language language);

}  // namespace zctrace::summary
