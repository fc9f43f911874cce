#pragma once

#include <string_view>

#include "model/claims/claims.h"
#include "model/claims/results.h"

/// The measured values that claims are compared with. Every one comes from an experiment's document.
namespace zctrace::claims {

using rules::unknown;
using rules::Value;

bool is_quantity(std::string_view name);

/// "CPU copies per byte".
Words label_of(std::string_view quantity);

/// Unknown where the experiment is missing, failed, or its evidence does not carry the quantity: what was inferred from
/// system calls proves nothing about copies.
Value measured(const Results& results, const Query& query);

}  // namespace zctrace::claims
