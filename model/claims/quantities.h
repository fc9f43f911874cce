#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/claims/claims.h"
#include "model/claims/results.h"

/// The measured values that claims are compared with. Every one comes from an experiment's document.
namespace zctrace::claims {

struct Value {
  std::optional<double> number;                     ///< nothing: not known
  std::optional<std::pair<double, double>> spread;  ///< of repeated measurements: quartiles
  Words text;                                       ///< as a reader sees it; may be there without a number
  timeline::Evidence evidence = timeline::Evidence::exact;
  Words missing;  ///< why it is not known
  std::vector<Proof> proofs;
};

bool is_quantity(std::string_view name);

/// "CPU copies per byte".
Words label_of(std::string_view quantity);

/// Unknown where the experiment is missing, failed, or its evidence does not carry the quantity: what was inferred from
/// system calls proves nothing about copies.
Value measured(const Results& results, const Query& query);

/// A value that is not known, for this reason.
Value unknown(Words why);

/// The same words in both languages.
Words plain(std::string text);

}  // namespace zctrace::claims
