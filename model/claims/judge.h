#pragma once

#include "model/claims/claims.h"
#include "model/claims/judged.h"
#include "model/claims/results.h"

namespace zctrace::claims {

/// Holds one claim against the measurements.
Judged judge(const Claim& claim, const Results& results);

/// All of them, and the textbooks' own tables.
Judgment judge(const ClaimData& data, const Results& results);

/// The experiments that the claim's verdict and its sentences rest on, in the order of experiments().
std::vector<std::string> experiments_of(const Claim& claim);

/// How one quantity of a claim fared in all settings together.
struct QuantityVerdict {
  std::string quantity;
  Words label, claimed, measured;
  Verdict verdict = Verdict::not_tested;
  Words condition;
};
std::vector<QuantityVerdict> by_quantity(const Judged& judged);

/// The comparison on its own.
Part compare(const Check& check, const Results& results);

/// A textbook's table with the measured values of its claims.
Table redraw(const TableRule& rule, const Results& results);

}  // namespace zctrace::claims
