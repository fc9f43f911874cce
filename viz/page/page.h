#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <span>
#include <string>

#include "model/claims/judged.h"
#include "model/language/language.h"
#include "model/matrix/table.h"
#include "model/tour/tour.h"

/// The page: one HTML file with everything in it.
///
/// What stands where kDataMark was, each a script element of type "application/gzip;base64":
///
///     document-N  the timeline document of run N, as DocumentWriter writes it; what the page offers for download
///     pictures-N  its diagrams: {"en"|"zh": {"wide"|"narrow": {"flow", "chunk", "whole": SVG,
///                 "question": SVG, with the tour alone}}}
///     playback-N  the run as it is played (viz/diagram/playback.h): {"end": ns, "seconds": of the playing, "slow": how
///                  many steps are the first round's, "copies_known", "switches_known", "speed": Words of the steps
///                  behind it, "missing": Words, empty where nothing is, "caution": Words, "ways": [{"edge": its arrow,
///                  "amount": Words, {} for the bytes}], "steps": [{"kind": "enter"|"leave"|"fault"|"move"|"rest",
///                  "begin", "length": s of the playing, "mark": the mode switch of the picture that it is, or 0,
///                  "moved": places in ways, "said": Words, and when it is over: "until": ns, "bytes": of each way,
///                  "copied", "arrived", "switches", "calls", "busy": ns or null}]}; there where the run "plays"
///     cpu-N       what the run's transfer cost the CPU, as in the document, and "method"; absent where it was
///                  not sampled
///     copies-N    which code copied, for a flame graph: {"names": [{"name", "work": word, "kernel": bool}], "stacks":
///                  [{"weight": bytes, "frames": places in names, outermost first}], "rest": bytes of which it is not
///                  known}; absent where it was not asked for
///     report      {"version", "language": "en"|"zh", "texts": {"en"|"zh": {name: words}},
///                  "runs": [{"name": Words, an experiment's, else absent, "file", "events", "bytes",
///                  "plays", "said": {"en"|"zh": Said}}],
///                  "comparison": {"en"|"zh": {"wide"|"narrow": SVG}}, "rows": {"en"|"zh": [Row]}, both absent for
///                  one run}
///     claims      absent without claims: {"kernels": [{"release", "where": "host"|"lab"}],
///                  "documents": [{"id", "title": Words, "collected": no textbook, "claims": [id]}],
///                  "claims": [Claim], each there once,
///                  "tables": [{"document", "title": Words, "columns": [Words], "rows": [{"name": Words, "claim": id,
///                  "cells": [{"claimed": Words, "measured": Words, "agrees", "links": [Link]}]}]}]}
///     Claim       {"id", "statement": Words, "claimed": Words, "measured": Words, "verdict": word, "condition": Words,
///                  "evidence": word, "why": Words, "sources": [{"name", "year", "link"}], "settings":
///                  [{"condition": Words, "agrees", "parts":
///                  [{"quantity": word, "label": Words, "claimed": Words, "measured": Words, "agrees", "evidence",
///                  "missing": Words, "rule": Words, "links": [Link]}]}], "on": [{"verdict", "measured": Words,
///                  "condition": Words}]}, "on" with an entry for each kernel, null where the claim was not judged on
///                  it
///     Words       {"en": text, "zh": text}; what was not measured exactly begins with ~
///     Link        {"run": its number, "edge": the arrow that shows it, or empty}
///     tour        absent without the tour: {"en"|"zh": {"recorded", "steps": [{"id", "title", "story",
///                  "question": null or {"text", "choices": [{"text", "measured": bool}], "answer": Value,
///                  "no_answer"}, "picture": the run whose flow it shows, or null, "figures": [{"label", "value":
///                  Value}], "table": null or {"columns": [text], "rows": [{"title", "cells": [Value]}]}, "why":
///                  [text], "runs": [{"run": its number, "title", "command"}]}]}}; without choices a number is
///                  predicted
///     matrix      absent without the matrix: {"measured", "kernels": [{"kernel", "release"}], "rows": [{"method",
///     "path",
///                 "settings": Words, "differ": bool, "values": [{"text": Words, "tone"}], "cells":
///                 [name]}], "beside": [Words], "remarks": [Words]}; a cell's recording is KERNEL/NAME.json beside the
///                 page
///     Value       {"text", "number", "evidence": word, "claimed": number or null, "agrees": bool or null}
///     Said        {"title", "full_title", "setting", "network", "verdict": {"figure", "what", "judgment", "tone"},
///                  "claim", "evidence": {"text", "good"}, "lost", "complete", "notes": [text],
///                  "cpu": [{"side", "label", "text"}], a sentence for each side of which there is a cpu-N,
///                  "stacks": {"list": [{"amount", "lines": [text]}], "remarks": [text]}, the heaviest, or null,
///                  "figures": [{"id", "section", "label", "value", "number", "evidence", "detail"}]}
///     Row         {"id", "section", "label", "differs", "cells": [{"value", "evidence", "absent", "differs",
///     "change"}]}:
///                  a figure of all runs, a cell for each; "differs" from the first run's in value or evidence, and
///                  how: "change" is a ratio, "new", "gone" or empty
///
/// `file` is the name a download gets; `events` their number, `bytes` the document's length; `lost` is empty where
/// nothing is; an unknown `number` is null; "agrees" is true, false, or null where it is not known. Empty texts are
/// there, and empty.
namespace zctrace::page {

struct Settings {
  Language language = Language::english;
  std::string version;
  /// Told of each stage, with its percentage; may be empty.
  std::function<void(const Message& stage, double percent)> progress;
  /// The documents' claims, an entry for each kernel; the page shows the first one's, and all verdicts in a table. The
  /// runs that prove them are `files`, in the order of `experiments`.
  std::span<const claims::Judgment> claims = {};
  std::span<const std::string> experiments = {};
  /// The guided tour, shown first; its runs are those of `experiments`. Null: none.
  const tour::Tour* tour = nullptr;
  const matrix::Table* matrix = nullptr;
  timeline::FlowFilter shown = {};  ///< which flows the table has; the documents keep all
  Words recorded = {};              ///< of what the tour's runs are a recording; empty: measured for it
};

/// Writes the page of all documents in the files ("-" is standard input), reading one at a time. Throws Error as the
/// reader does, and if `sink` cannot be written; `sink` is flushed, not closed.
void write_page(std::FILE* sink, std::span<const std::string> files, const Settings& settings);

}  // namespace zctrace::page
