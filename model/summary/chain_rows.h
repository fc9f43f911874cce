#pragma once

#include <string>
#include <vector>

#include "model/language/texts.h"
#include "model/summary/sentences.h"
#include "model/timeline/model.h"

/// Chains of flows (timeline/chains.h) in words, the same on a terminal and on the page.
namespace zctrace::summary {

/// One flow of a chain, or all of it.
struct ChainStep {
  std::string how;      ///< "sendfile, one call"; of the whole chain "the whole way", "the whole way, ×12"
  std::string process;  ///< "nginx (4711)"; empty where all flows are of one
  std::string amount;   ///< bytes: "35.0 MiB"; where only a bound is known "≤ 35.0 MiB"
  std::string copies;   ///< CPU copies per byte, as FlowFigures::copies
  Tone tone = Tone::unknown;
};

struct ChainRow {
  std::vector<std::string> ends;  ///< one more than steps
  std::vector<ChainStep> steps;
  ChainStep whole;
  std::string why_unknown;  ///< why no copies are told of the whole way; empty where they are, or a step says it
};

struct ChainRows {
  std::vector<ChainRow> shown;  ///< most bytes first; those that are alike, as a server's connections are, in one row
  std::string left;             ///< "and 12 more: 3.0 KiB"; empty where none are left out
};

/// Those that weigh something, at most so many.
ChainRows chain_rows(const timeline::Run& run, const timeline::Flows& flows, size_t most, Language language);

}  // namespace zctrace::summary
