#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "model/claims/quantities.h"
#include "model/language/texts.h"
#include "model/timeline/flow.h"

/// How a program moved what a quantity is about, told of the flows that are meant.
namespace zctrace::claims {

struct Carried {
  uint64_t bytes = 0, disk_bytes = 0;                              ///< of the flows that are meant
  uint64_t cpu_bytes = 0, mode_switches = 0;                       ///< with those that are only paid for
  bool copies_exact = true;                                        ///< of all of them
  std::vector<std::pair<timeline::FlowMethod, uint64_t>> methods;  ///< bytes by each
};

using FlowKind = bool (*)(const timeline::Flow&);
/// `also`: flows whose cost counts with the others', and whose bytes do not.
Carried carried(const Traced& traced, FlowKind meant, FlowKind also = nullptr);

/// What the query narrows its quantity to: its "call"; empty: to nothing.
std::string narrowed_to(const Query& query);
Value number(double value, Words text, timeline::Evidence evidence);

/// The share that the query's method carried. Here and below `none`: says that no such flow was seen.
Value carried_by(const Carried& sum, const Traced& traced, const Query& query, TextWith<0> none);
/// The kernel's copies per byte.
Value carried_copies(const Carried& sum, const Traced& traced, TextWith<0> none);
/// Mode switches per MiB.
Value carried_switches(const Carried& sum, const Traced& traced, TextWith<0> none);
/// The share of it that the disk gave.
Value carried_disk(const Carried& sum, const Traced& traced, TextWith<0> none);
/// The methods in words: "sendfile 4 MiB, read + write 512 B".
Value carried_how(Carried sum, TextWith<0> none);

}  // namespace zctrace::claims
