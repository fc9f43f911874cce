#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/language/bilingual.h"
#include "model/timeline/model.h"

/// Rules over measured values: what claims are judged by and what the tour tells. A rule and a sentence name values;
/// what a name stands for is looked up in whatever was measured. No value is in a rule's data but the claimed ones.
namespace zctrace::rules {

/// What a measured value was taken from.
struct Proof {
  std::string experiment;  ///< "sendfile_sg_off": the document of that name among the results
  /// The arrow of its flow diagram, as data-edge has it: "sender/page cache/socket buffer/cpu"; empty: the run as a
  /// whole, or an experiment without a timeline.
  std::string edge;
};

struct Value {
  std::optional<double> number;                     ///< nothing: not known, or no number
  std::optional<std::pair<double, double>> spread;  ///< of repeated measurements: quartiles
  std::string id;                                   ///< instead of a number: an edge's id, a verdict's; else empty
  Words text;                                       ///< as a reader sees it; may be there without a number
  Words how;                                        ///< what did it: "_copy_to_iter ×1,024"; may be empty
  timeline::Evidence evidence = timeline::Evidence::exact;
  Words missing;                    ///< why it is not known
  std::optional<unsigned> claimed;  ///< what the textbooks say of it
  std::optional<bool> agrees;       ///< with the textbooks; nothing where that is not known
  std::vector<Proof> proofs;
};

/// What a name stands for. Without number and id it compares with nothing; without text no sentence speaks of it.
using LookUp = std::function<Value(const std::string& name)>;

/// A value that is not known, for this reason.
Value unknown(Words why);

/// `a` less `b`; where one is not known, that one.
Value difference(const Value& a, const Value& b);

/// How far off a claimed value may be: a tenth of it, and of 1 for smaller ones.
double tolerance(double claimed);
/// Does a measured figure say something else than the claimed one? Calls outside the loop, a fault or a packet's odd
/// bytes do not make another figure of it.
bool contradicts(double measured, double claimed);

}  // namespace zctrace::rules
