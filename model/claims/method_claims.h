#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/claims/judged.h"
#include "model/language/texts.h"

/// What the textbooks claim of each method: the rows of figures in claims.json. The textbooks speak of one chunk; their
/// 上下文切换 is a mode switch.
namespace zctrace::claims {

struct MethodClaim {
  std::string id;      ///< row of the claims: "T1"
  std::string method;  ///< of the workloads: "read_write"
  /// The row holds only for a device with (true) or without (false) scatter-gather; nothing: for any.
  std::optional<bool> scatter_gather;
  std::vector<std::string> textbooks;                             ///< numbers of those that claim it: "000"
  std::vector<std::string> calls;                                 ///< system calls for one chunk
  std::optional<unsigned> mode_switches, cpu_copies, dma_copies;  ///< nothing: no textbook gives a figure
  std::optional<bool> needs_hardware, any_descriptor;
  Words remark;          ///< what the figures leave unsaid; may be empty
  bool in_part = false;  ///< its copies are those of the read side: nothing to hold the sending side against
};

/// In teaching order; where textbooks contradict each other, the row that most of them share comes first.
const std::vector<MethodClaim>& method_claims();

/// The row to hold a run against; null for a method the textbooks do not speak of.
const MethodClaim* claim_for(std::string_view method, bool scatter_gather);

/// "read + write" for "read_write"; the name itself where the textbooks have no other.
std::string method_title(std::string_view method, Language language);
/// The same for what carries a flow, or for a call: direct I/O is not yet a write there.
std::string carrier_title(std::string_view carrier, Language language);

/// "2 CPU copies, 4 mode switches, 2 DMA copies", with `own_word` also the textbooks' word for the switches; the remark
/// alone where no textbook gives a figure.
std::string figures_text(const MethodClaim& claim, Language language, bool own_word);

}  // namespace zctrace::claims
