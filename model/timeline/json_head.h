#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/timeline/model.h"

/// The head of a timeline document (run and ledger) as JSON values. Events never pass through here: there may be
/// millions.
namespace zctrace::timeline {

nlohmann::ordered_json run_to_json(const Run& run);

/// `run` says which derived figures are known; unknown ones are null.
nlohmann::ordered_json ledger_to_json(const Run& run, const Ledger& ledger);

/// A part of the ledger, which the page takes by itself.
nlohmann::ordered_json cpu_cost_to_json(const CpuCost& cost);

/// Both throw SchemaError for anything that is not what the schema says.
Run run_from_json(const nlohmann::json& json);
Ledger ledger_from_json(const nlohmann::json& json);

/// A value that is not what the schema says: "run.chunk: must be a whole number, 0 or more".
class SchemaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace zctrace::timeline
