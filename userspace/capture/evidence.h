#pragma once

#include "model/timeline/model.h"
#include "userspace/capture/session.h"

namespace zctrace::capture {

/// Hooks, and how many runs of theirs the kernel skipped.
using SkippedRuns = std::vector<std::pair<Probe, uint64_t>>;

/// Compares the two independent counts of a run in exact mode, edge by edge, and says how good its figures are.
/// A disagreement leaves that side's copies at `none`: neither count can be trusted then; at `at_least` where the
/// kernel is known to have skipped what one of them lacks.
void judge_evidence(const Session& session, timeline::EvidenceSet& evidence);

/// What arrived came from somewhere and went by: where the kernel reported fewer bytes, the device's figures are not
/// exact, and a note says so. For a run that is complete.
void doubt_the_unseen(const timeline::Ledger& ledger, timeline::Run& run);

/// Copies on an edge whose two counts disagree are as good as samples, or a lower bound where it is known what was
/// skipped; those on the others stay what they are.
void doubt_disagreeing(const std::vector<timeline::CrossCheck>& rows, const SkippedRuns& skipped,
                       std::vector<timeline::Copy>& copies);

/// The rows of the comparison: bytes by breakpoints against bytes by ftrace, per side and edge.
std::vector<timeline::CrossCheck> compare(const std::vector<Session::Edge>& edges,
                                          const std::function<std::string(unsigned)>& name);

/// Notes which flows' copies are unknown and why: how many bytes, of which methods, between which ends.
void note_unseen(const timeline::Flows& flows, timeline::EvidenceSet& evidence);

}  // namespace zctrace::capture
