#pragma once

#include "model/timeline/model.h"

namespace zctrace::record {

/// Notes what lies around a traced program and is not the program's: in the lab, file systems between it and its files
/// that the host has not; on any machine, a file server in the kernel.
void note_surroundings(const timeline::Flows& flows, timeline::EvidenceSet& evidence);

}  // namespace zctrace::record
