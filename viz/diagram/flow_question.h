#pragma once

#include <string>

#include "model/timeline/model.h"
#include "viz/diagram/options.h"

namespace zctrace::diagram {

/// The flow diagram before its answer: the sender's boxes and, with a question mark each, the ways that bytes may go. Of
/// the run it tells its devices, and whether there is a pipe.
std::string flow_question(const timeline::Run& run, const timeline::Ledger& ledger, const Options& options);

}  // namespace zctrace::diagram
