#include "model/claims/quantities.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "model/claims/experiments.h"
#include "model/claims/run_quantities.h"

namespace zctrace::claims {
namespace {

constexpr std::string_view kArgumentBytes = "argument_bytes";
/// A register of x86-64, in which system calls take each of their arguments.
constexpr uint64_t kArgumentSize = 8;

template <class Table>
auto find(const Table& table, std::string_view name) {
  const auto found = std::ranges::find_if(table, [&](const auto& each) { return each.name == name; });
  return found == table.end() ? nullptr : &*found;
}

Value missing(const Results& results, const std::string& experiment) {
  if (const auto why = results.failure(experiment); !why.empty())
    return unknown(both(Text::claims_failed, experiment, why));
  if (const Experiment* known = find_experiment(experiment); known && !known->given.empty())
    return unknown(both(Text::claims_not_traced, title_of(*known), known->given));
  return unknown(both(Text::claims_not_measured, experiment));
}

/// Calls of the run times the arguments that the kernel says each has.
Value argument_bytes(const Results& results, const Query& query) {
  const Traced* traced = results.traced(query.of);
  if (!traced) return missing(results, query.of);
  const auto* program = results.program("descriptors");
  if (!program) return missing(results, "descriptors");
  if (traced->run.evidence.system_calls != timeline::Evidence::exact)
    return unknown(both(Text::claims_switches_inferred));
  uint64_t bytes = 0;
  for (const auto& [name, calls] : traced->ledger.sender.syscalls) {
    const auto arguments = program->value("arguments", nlohmann::json::object()).value(name, nlohmann::json());
    if (!arguments.is_number_unsigned()) return unknown(both(Text::claims_no_arguments, name));
    bytes += calls * arguments.get<uint64_t>() * kArgumentSize;
  }
  Value value;
  value.number = static_cast<double>(bytes);
  value.text = plain(format_count(bytes));
  value.proofs = {{query.of, "sender/mode switches"}, {"descriptors", ""}};
  return value;
}

}  // namespace

bool is_quantity(std::string_view name) {
  return name == kArgumentBytes || find(run_quantities(), name) || find(flow_quantities(), name) ||
         find(program_quantities(), name);
}

Words label_of(std::string_view name) {
  // As the table has it: who knows what belongs into its {} fills it in.
  const auto raw = [](Text text) {
    return Words{std::string(zctrace::words(text, Language::english)),
                 std::string(zctrace::words(text, Language::chinese))};
  };
  if (name == kArgumentBytes) return raw(Text::quantity_argument_bytes);
  if (const auto* quantity = find(run_quantities(), name)) return raw(quantity->label);
  if (const auto* quantity = find(flow_quantities(), name)) return raw(quantity->label);
  if (const auto* quantity = find(program_quantities(), name)) return raw(quantity->label);
  return plain(std::string(name));
}

Value measured(const Results& results, const Query& query) {
  if (query.quantity == kArgumentBytes) return argument_bytes(results, query);
  Value value;
  if (const auto* quantity = find(run_quantities(), query.quantity)) {
    const Traced* traced = results.traced(query.of);
    value = traced ? quantity->of(*traced) : missing(results, query.of);
  } else if (const auto* of_flows = find(flow_quantities(), query.quantity)) {
    const Traced* traced = results.traced(query.of);
    value = traced ? of_flows->of(*traced, query) : missing(results, query.of);
  } else if (const auto* of_program = find(program_quantities(), query.quantity)) {
    const auto* program = results.program(query.of);
    try {
      value = program ? of_program->of(*program, query, results) : missing(results, query.of);
    } catch (const std::exception& error) {  // a member that is not there, or is of another kind
      value = unknown(both(Text::claims_damaged, query.of, error.what()));
    }
  } else {
    return unknown(both(Text::claims_damaged, query.of, query.quantity));
  }
  if (value.proofs.empty()) value.proofs.push_back({});
  for (auto& proof : value.proofs) proof.experiment = query.of;
  return value;
}

}  // namespace zctrace::claims
