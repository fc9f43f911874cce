#pragma once

#include <string>

#include "model/language/language.h"
#include "model/quantities/copies.h"
#include "model/timeline/ledger.h"

/// What is written beside an edge.
namespace zctrace::summary {

using quantities::doubtful;

/// The weakest evidence among an edge's copies.
timeline::Evidence worst(const timeline::Edge& edge);

/// What moved, and the function that moved it.
struct Label {
  std::string amount;    ///< "CPU copy 4.00 MiB"
  std::string function;  ///< "_copy_to_iter"
  std::string calls;     ///< "×1,024"

  /// "_copy_to_iter ×1,024" in at most `most` columns: the name is cut, not the figure.
  std::string how(int most) const;
};

/// Of an edge that may be in doubt.
Label label(const timeline::Run& run, const timeline::Edge& edge, Language language);

/// "4.00 MiB", marked where it was not counted exactly.
std::string amount(const timeline::Edge& edge);

/// "in the system call", "in softirq", "25% in softirq"
/// "AES-GCM by the CPU"; empty where the cipher is not known.
std::string transformer_text(const timeline::Edge& edge, Language language);

std::string context_text(const timeline::Edge& edge, Language language);

}  // namespace zctrace::summary
