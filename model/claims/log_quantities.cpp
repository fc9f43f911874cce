#include "model/claims/carried.h"
#include "model/claims/run_quantities.h"

/// How a message broker served its log, the files that hold its messages, to whoever asked for it. Where it went
/// through the program's memory, what the program did to it there is not seen, and what it wrote to sockets counts with
/// it.
namespace zctrace::claims {
namespace {

using namespace timeline;

constexpr TextWith<0> kNone = Text::claims_no_log_served;

/// Segments of Kafka and BookKeeper end in .log, RocketMQ's lie in a folder; what Kafka keeps for itself does not
/// count.
bool is_log(const Flow& flow) {
  const auto& end = flow.from;
  return end.kind == FlowEndKind::file && end.name.find("/__") == std::string::npos &&
         (end.name.ends_with(".log") || end.name.find("/commitlog/") != std::string::npos);
}

bool is_answer(const Flow& flow) {
  return flow.from.kind == FlowEndKind::memory && flow.to.kind == FlowEndKind::socket;
}

Carried served(const Traced& traced) { return carried(traced, is_log, is_answer); }

}  // namespace

Value log_by(const Traced& traced, const Query& query) { return carried_by(served(traced), traced, query, kNone); }

Value log_copies(const Traced& traced, const Query&) { return carried_copies(served(traced), traced, kNone); }

Value log_switches(const Traced& traced, const Query&) { return carried_switches(served(traced), traced, kNone); }

Value log_disk(const Traced& traced, const Query&) { return carried_disk(served(traced), traced, kNone); }

Value log_how(const Traced& traced, const Query&) { return carried_how(served(traced), kNone); }

}  // namespace zctrace::claims
