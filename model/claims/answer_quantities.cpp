#include "model/claims/carried.h"
#include "model/claims/run_quantities.h"

/// What a program wrote to its sockets, wherever it had it from: also what it read from a mapped file, or took from
/// its own memory, where no call tells the file. What it read of files to answer counts with it.
namespace zctrace::claims {
namespace {

using namespace timeline;

constexpr TextWith<0> kNone = Text::claims_nothing_answered;

bool is_answer(const Flow& flow) { return flow.to.kind == FlowEndKind::socket; }

/// What the kernel tells of itself is no payload.
bool is_read(const Flow& flow) {
  return flow.from.kind == FlowEndKind::file && flow.to.kind == FlowEndKind::memory &&
         !flow.from.name.starts_with("/proc/") && !flow.from.name.starts_with("/sys/");
}

Carried answered(const Traced& traced) { return carried(traced, is_answer, is_read); }

}  // namespace

Value answered_by(const Traced& traced, const Query& query) {
  return carried_by(answered(traced), traced, query, kNone);
}

Value answered_copies(const Traced& traced, const Query&) { return carried_copies(answered(traced), traced, kNone); }

Value answered_switches(const Traced& traced, const Query&) {
  return carried_switches(answered(traced), traced, kNone);
}

/// Of all that the program had read from it meanwhile: a page fault reads for no call.
Value answered_disk(const Traced& traced, const Query&) {
  Carried sum = answered(traced);
  sum.disk_bytes = traced.ledger.dma.disk_bytes;
  return carried_disk(sum, traced, kNone);
}

Value answered_how(const Traced& traced, const Query&) { return carried_how(answered(traced), kNone); }

}  // namespace zctrace::claims
