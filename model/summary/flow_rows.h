#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "model/timeline/model.h"
#include "model/why/why.h"

/// The flows of a traced program in words, the same on a terminal, in a diagram and on the page.
namespace zctrace::summary {

/// "nginx (4711)", "sh ×30"; in a service or a container "nginx (4711, nginx.service)".
std::string process_text(const timeline::Process& process, Language language);

/// Does it say anything which process it was? The flows as they are to be told: where all are of one process, without.
bool have_several_processes(const timeline::Flows& flows);
timeline::Flows told_by_process(timeline::Flows flows);

/// A path, a socket's addresses, memory of which process; where an end has no name, what it is. `with_first_name`: of a
/// file that was renamed also what it was called before.
std::string end_text(const timeline::FlowEnd& end, Language language, bool with_first_name = false);

/// "read + write", "sendfile", "direct I/O".
std::string method_text(timeline::FlowMethod method, Language language);

/// What one flow, or one method's part of it, came to.
struct FlowFigures {
  std::string how;              ///< "sendfile, one call"; "mixed"
  std::string threads;          ///< "by network-thread, java"; empty where all of the program has one name
  uint64_t bytes = 0;           ///< that arrived
  std::string amount;           ///< the same: "35.0 MiB"
  std::string copies;           ///< CPU copies per byte: "0.00", "~2.00", "≥ 1.00", "unknown"
  std::optional<double> ratio;  ///< the same; nullopt: unknown
  std::string transforms;       ///< "1.00 transforms per byte: AES-GCM by the CPU"; empty where none were seen
  Tone tone = Tone::unknown;    ///< of both
  std::string switches, disk,
      cached;  ///< per MiB; bytes read; share of the page cache; "?" unknown, cached may be empty
};

FlowFigures flow_figures(const timeline::Run& run, const timeline::Flow& flow, Language language);

struct FlowRow {
  std::string from, to;
  bool linked = false;  ///< false: the one end is the program's memory
  FlowFigures all;
  std::string process;             ///< "nginx (4711)"; empty where all are of one, or an end's text says it
  std::string written;             ///< into a file: what has come to its disk; empty where that cannot be said
  std::vector<FlowFigures> parts;  ///< where there are several
  std::vector<why::Why> why;       ///< why it has copies, as far as a rule tells it
  /// The ends as a person calls them: "part-10.bin", "10.0.0.2, client of port 80"; as `from` and `to` where there is
  /// nothing shorter.
  std::string short_from, short_to;
  bool minor = false;  ///< behind the biggest rows, which carry 99 % of all bytes
};

/// Linked ones first, most bytes first. Unless all were asked for, what loaders and interpreters read is one row, and
/// files that were renamed have their last name only, and connections that differ in a client's port are one row; where
/// there are many, those of all clients of a server, and those of files that are numbered. `explainer`: where it is
/// to be told why they have copies.
std::vector<FlowRow> flow_rows(const timeline::Run& run, const timeline::Flows& flows, Language language,
                               const why::Explainer* explainer = nullptr);

/// The rows that are worth being shown one by one, at most so many, and what the others come to.
struct WeighedFlows {
  std::vector<FlowRow> shown;
  size_t left = 0;
  uint64_t left_bytes = 0;
};

/// Of what has but one end only that which weighs something: every program reads its libraries. `minor`: also what is.
WeighedFlows weighed(std::vector<FlowRow> rows, size_t most, bool minor = true);

/// What the rows do not hold: copies outside, what did not fit, of which window details were kept.
struct FlowRemark {
  Text label;
  std::string text;
  bool warn = false;
};

/// Of a ledger that has flows.
std::vector<FlowRemark> flow_remarks(const timeline::Run& run, const timeline::Ledger& ledger, Language language);

}  // namespace zctrace::summary
