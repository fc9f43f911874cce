#pragma once

#include <span>
#include <string>

#include "model/claims/judged.h"
#include "viz/terminal/style.h"

/// The judged claims in the terminal.
namespace zctrace::terminal {

/// "✓ holds", in its colour.
std::string painted_verdict(claims::Verdict verdict, int width, const Style& style);

/// One line for each claim, under the first document that makes it, and the count of verdicts. `whole_lines`: nothing
/// is cut to the terminal's width.
std::string claims_list(const claims::Judgment& judgment, bool whole_lines, const Style& style);

/// Claimed, measured and why of each claim.
std::string claims_details(const claims::Judgment& judgment, const Style& style);

/// Claims by kernels: the verdicts side by side, those that differ marked.
std::string claims_by_kernel(std::span<const claims::Judgment> judgments, const Style& style);

}  // namespace zctrace::terminal
