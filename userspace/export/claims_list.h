#pragma once

#include <span>
#include <string>

#include "userspace/documents/judged.h"
#include "userspace/export/style.h"

/// The judged claims in the terminal.
namespace zctrace::exports {

/// "✓ holds", in its colour.
std::string painted_verdict(documents::Verdict verdict, int width, const Style& style);

/// One line for each claim, under the first document that makes it, and the count of verdicts. `whole_lines`: nothing
/// is cut to the terminal's width.
std::string claims_list(const documents::Judgment& judgment, bool whole_lines, const Style& style);

/// Claimed, measured and why of each claim.
std::string claims_details(const documents::Judgment& judgment, const Style& style);

/// Claims by kernels: the verdicts side by side, those that differ marked.
std::string claims_by_kernel(std::span<const documents::Judgment> judgments, const Style& style);

}  // namespace zctrace::exports
