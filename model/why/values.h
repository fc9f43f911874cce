#pragma once

#include <string>
#include <vector>

#include "model/rules/value.h"
#include "model/timeline/model.h"

/// The values that rules speak of: one part of a flow, and what was seen beside it.
namespace zctrace::why {

/// What moved nearly as many bytes the other way between the same process's memory and another end.
struct Counterpart {
  double ratio = 0;  ///< its bytes per byte of the part
  std::string name;  ///< of its end
};

/// By calls that have the bytes pass through a program's memory, in all flows.
struct Moved {
  uint64_t read = 0, written = 0;
};

struct Subject {
  const timeline::Run& run;
  const timeline::Ledger& ledger;
  const timeline::Flow& flow;
  const timeline::FlowPart& part;
  const timeline::FlowPart& all;  ///< of the flow
  const Moved& moved;
  std::optional<Counterpart> beside, tls_beside;
};

/// Throws std::invalid_argument for a name that is none.
rules::Value value_of(const std::string& name, const Subject& subject);

}  // namespace zctrace::why
