#pragma once

#include <string>
#include <vector>

#include "model/claims/claims.h"
#include "model/claims/results.h"

namespace zctrace::claims {

/// The claim's sentences that fit what was measured, their values filled in; in other words of our own where none fits.
Words why(const Claim& claim, const Judged& judged, const Results& results);

/// The value that stands for "{cpu_copies@sendfile}" or "{refusals@descriptors/splice}", without the braces. Throws
/// Error where there is no such quantity or experiment.
Query placeholder(const std::string& text);

/// The placeholders of a text, without their braces.
std::vector<std::string> placeholders(const std::string& text);

/// Joins the parts of a text with a separator in both languages; empty ones and repetitions are left out.
Words join(const std::vector<Words>& parts, const Words& separator);

}  // namespace zctrace::claims
