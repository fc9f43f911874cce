#pragma once

#include <string_view>
#include <vector>

#include "model/claims/quantities.h"
#include "model/language/texts.h"

namespace zctrace::claims {

/// A quantity of a traced run. Its value knows nothing of the experiment's name: measured() adds that.
struct RunQuantity {
  std::string_view name;
  Text label;
  Value (*of)(const Traced&);
};

const std::vector<RunQuantity>& run_quantities();

/// A quantity of a traced run or program that the query narrows to one call or method: its "call".
struct FlowQuantity {
  std::string_view name;
  Text label;
  Value (*of)(const Traced&, const Query& query);
};

const std::vector<FlowQuantity>& flow_quantities();

/// "read + write" for what a flow calls read_write; the name of a call as it is.
Words carrier(const std::string& name);

/// Of a message broker that served its log: the share that one method ("call") carried, the kernel's CPU copies per
/// byte and mode switches per MiB with its answers' other bytes, the share that came from the disk, the methods in
/// words.
Value log_by(const Traced& traced, const Query& query);
Value log_copies(const Traced& traced, const Query&);
Value log_switches(const Traced& traced, const Query&);
Value log_disk(const Traced& traced, const Query&);
Value log_how(const Traced& traced, const Query&);

/// Of what a program wrote to its sockets, from wherever: as above.
Value answered_by(const Traced& traced, const Query& query);
Value answered_copies(const Traced& traced, const Query&);
Value answered_switches(const Traced& traced, const Query&);
Value answered_disk(const Traced& traced, const Query&);
Value answered_how(const Traced& traced, const Query&);

/// A quantity of what an untraced program found, and of the runs beside it where it needs them.
struct ProgramQuantity {
  std::string_view name;
  Text label;
  Value (*of)(const nlohmann::json& program, const Query& query, const Results& results);
};

const std::vector<ProgramQuantity>& program_quantities();

/// How long one series took against another ("series" over "over"), sample by sample, at one size ("at": "smallest",
/// "largest"; else all sizes together): the median, and the quartiles as its spread.
Value elapsed_ratio(const nlohmann::json& program, const Query& query, const Results&);
/// The same of the machine's CPU time.
Value machine_cpu_ratio(const nlohmann::json& program, const Query& query, const Results&);
/// Their medians in words: "35%".
Value elapsed_median(const nlohmann::json& program, const Query& query, const Results&);
Value machine_cpu_median(const nlohmann::json& program, const Query& query, const Results&);
/// The ratio at each size of the sweep, and where it crosses 1, in words.
Value sweep_ratios(const nlohmann::json& program, const Query&, const Results&);
/// On which kernel, and whether its CPU was emulated.
Value timed(const nlohmann::json& program, const Query&, const Results&);
Value crossover(const nlohmann::json& program, const Query&, const Results&);

/// "file", "pipe", ... for a reader.
Words kind_title(const std::string& kind);

}  // namespace zctrace::claims
