#pragma once

#include <span>
#include <string>

#include "model/timeline/model.h"
#include "viz/diagram/options.h"

namespace zctrace::diagram {

/// The documents' figure of a method, as measured: user space, kernel and hardware as bands, boxes where bytes rest,
/// arrows for how they moved, the mode switches of one round numbered along the border; the receiver on its own lane.
/// Of a traced program its flows, from their one ends to the others. A whole SVG. On the page each arrow is class
/// "edge" with data-edge "sender/page cache/user buffer/cpu".
/// `order`: of the round's calls, as summary::picture has it.
std::string flow(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options,
                 std::span<const std::string> order = {});

}  // namespace zctrace::diagram
