#pragma once

#include <optional>
#include <string>

#include "model/claims/method_claims.h"
#include "model/language/language.h"
#include "model/quantities/amount.h"
#include "model/timeline/model.h"

/// What every picture of a run says of it in words, whether on a terminal, in a diagram or on the page.
namespace zctrace::summary {

using quantities::mark;

/// "read + write", "sendfile"; a traced program's command line.
std::string title(const timeline::Run& run, Language language);

/// The same, and the device's scatter-gather where the method's result hangs on it: "sendfile, scatter-gather off".
std::string full_title(const timeline::Run& run, Language language);

/// "4 MiB in 64 KiB chunks, cold cache · Linux 6.12.107 in the lab"
std::string setting(const timeline::Run& run, Language language);

/// "eth0 (vmxnet3): scatter-gather on, checksum on, TSO on"
std::string network(const timeline::Run& run, Language language);

/// "~1.00 CPU copies per byte", of either side; says so where they are unknown.
std::string copies_text(const timeline::Run& run, const timeline::Ledger& ledger, timeline::Side side,
                        Language language);

/// "258 mode switches, 4.03 per chunk"; says so where they are unknown. `each`: with those per chunk, where there are.
std::string mode_switches_text(const timeline::Run& run, const timeline::Ledger& ledger, timeline::Side side,
                               Language language, bool each = true);
std::string mode_switches_text(const quantities::Amount& total, Language language);

/// "write 64, read 64": the busiest first, of many the others together; "unknown".
std::string calls_text(const timeline::Run& run, const timeline::Figures& figures, Language language);

enum class Tone { good, mixed, transformed, bad, unknown };

/// Of so many CPU copies per byte: good where there are none to speak of, `transformed` where the CPU
/// read and wrote the bytes otherwise.
Tone copies_tone(const quantities::Amount& per_byte, double transforms_per_byte = 0);

/// The finding.
struct Verdict {
  std::string figure;    ///< "2.00", "~1.00", "unknown"
  std::string what;      ///< "CPU copies per byte on the sending side"
  std::string sentence;  ///< both: "2.00 CPU copies per byte on the sending side"
  std::string judgment;  ///< "zero-copy on the sending side", "not zero-copy: the CPU copied 8.00 MiB"; of a program's
                         ///< flows "161 MiB of 194 MiB passed on without a CPU copy"
  std::string beside;    ///< what else touched the bytes: "1.00 transforms per byte: AES-GCM by the CPU"; of a run; mostly
                         ///< empty
  Tone tone = Tone::unknown;
  timeline::Evidence evidence = timeline::Evidence::none;  ///< of the figure; none: it is unknown
};

Verdict verdict_of(const timeline::Run& run, const timeline::Ledger& ledger, Language language);

/// What the documents claim of such a run; null where they say nothing. They speak of the way to a network.
const claims::MethodClaim* claim_of(const timeline::Run& run);

/// "documents: 2 CPU copies, 4 mode switches, 2 DMA copies"; empty for a method they do not speak of. `own_word`: with
/// the documents' word for the switches.
std::string claim_sentence(const timeline::Run& run, Language language, bool own_word = true);

struct EvidenceSentence {
  std::string text;
  bool good = false;  ///< every copy was counted
};

EvidenceSentence evidence_sentence(const timeline::Run& run, Language language);

/// "nothing", "12 events of the timeline (copy 12); the figures here lose nothing"
std::string lost_sentence(const timeline::Run& run, Language language);

}  // namespace zctrace::summary
