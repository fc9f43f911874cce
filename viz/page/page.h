#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <span>
#include <string>

#include "userspace/language/language.h"

/// The page: one HTML file with everything in it.
///
/// What stands where kDataMark was, each a script element of type "application/gzip;base64":
///
///     document-N  the timeline document of run N, as DocumentWriter writes it; what the page offers for download
///     pictures-N  its diagrams: {"en"|"zh": {"wide"|"narrow": {"flow", "chunk", "whole": SVG}}}
///     report      {"version", "language": "en"|"zh", "texts": {"en"|"zh": {name: words}},
///                  "runs": [{"file", "events", "bytes", "said": {"en"|"zh": Said}}],
///                  "comparison": {"en"|"zh": {"wide"|"narrow": SVG}}, absent for one run}
///     Said        {"title", "full_title", "setting", "network", "verdict": {"figure", "what", "judgment", "tone"},
///                  "claim", "evidence": {"text", "good"}, "lost", "complete", "notes": [text],
///                  "figures": [{"id", "section", "label", "value", "number", "evidence", "detail"}]}
///
/// `file` is the name a download gets; `events` their number, `bytes` the document's length; `lost` is empty where
/// nothing is; an unknown `number` is null. Empty texts are there, and empty.
namespace zctrace::page {

struct Settings {
  Language language = Language::english;
  std::string version;
  /// Told of each stage, with its percentage; may be empty.
  std::function<void(const std::string& stage, double percent)> progress;
};

/// Writes the page of all documents in the files ("-" is standard input), reading one at a time. Throws Error as the
/// reader does, and if `sink` cannot be written; `sink` is flushed, not closed.
void write_page(std::FILE* sink, std::span<const std::string> files, const Settings& settings);

}  // namespace zctrace::page
