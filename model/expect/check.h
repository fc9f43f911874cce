#pragma once

#include <optional>
#include <string>

#include "model/expect/expectation.h"
#include "model/language/language.h"
#include "model/timeline/model.h"

namespace zctrace::expect {

/// How a measurement stands to an expectation.
struct Outcome {
  bool holds = false;  ///< what is unknown never holds
  /// What was found: "0.00"; where it does not hold with the flow ("/srv/a.bin → tcp 10.0.0.1:80 - ...: 1.00") and how
  /// many others do not either.
  std::string found;
  std::string why;  ///< of the flow that does not hold; empty where no rule says
};

/// Of a run as a whole, or of each flow that is meant: where there is none of them, it does not hold, unless their
/// `count` is asked for.
///
/// A lower bound (`≥ 1.00`) holds only where every value above it would: `>= 1` does, `<= 1` does not. Two ratios are
/// equal where they are shown as the same, to two decimals.
Outcome check(const Expectation& expectation, const timeline::Document& document, Language language);

}  // namespace zctrace::expect
