#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/language/language.h"
#include "model/timeline/model.h"

/// What the comparison draws, before anything is drawn.
namespace zctrace::summary {

/// A piece of a bar.
struct Part {
  std::string from, to;  ///< an edge's ends; else `from` alone says what is counted
  double amount = 0;     ///< per byte, per chunk or as it is counted
  timeline::Evidence evidence = timeline::Evidence::exact;
  std::string tooltip;
};

/// One figure of one run.
struct Bar {
  std::optional<double> number;  ///< nothing: unknown
  std::string value;             ///< "2.00", "~64", "unknown"
  timeline::Evidence evidence = timeline::Evidence::none;
  std::vector<Part> parts;  ///< their sum is the number
  std::optional<unsigned> claimed;
  std::string claim;  ///< all that the documents say, as a sentence
  std::string remark;
  bool in_part = false;       ///< the claim is of a part of this: no contradiction
  bool contradicted = false;  ///< the documents say something else than what was measured
};

struct Row {
  std::string title;
  std::string apart;   ///< what else tells it from the others; may be empty
  std::string beside;  ///< what touched the bytes beside copies: Verdict::beside
  Bar copies, references, dma, receiver;
  Bar mode_switches, context_switches, cpu_time, throughput;
};

std::vector<Row> rows_of(std::span<const timeline::Measured> runs, Language language);

/// The finding: "2.00 CPU copies per byte with read + write, 0.00 with splice"; how many runs there are where their
/// copies are unknown, or programs are among them.
std::string comparison_headline(std::span<const timeline::Measured> runs, std::span<const Row> rows, Language language);

/// "4 MiB · cold cache · Linux 6.12.107 in the lab": what all runs share.
std::string shared_by(std::span<const timeline::Measured> runs, Language language);

}  // namespace zctrace::summary
