#pragma once

#include "model/language/language.h"
#include "model/summary/sentences.h"
#include "model/timeline/flow.h"

namespace zctrace::summary {

/// The finding on a traced program: what touched the bytes, those first of which there are more: what it passed on from
/// one end to another, or what it read and wrote and did things to in between that are not visible.
Verdict program_verdict(const timeline::Run& run, const timeline::Flows& flows, Language language);

}  // namespace zctrace::summary
