#pragma once

#include <map>
#include <string>

#include "tests/unit/timeline_samples.h"
#include "viz/diagram/options.h"

/// What each output says of each figure: by its id, as written; no figure that it does not show. "unknown" is one.
namespace zctrace::samples {

using Told = std::map<std::string, std::string>;

/// The texts of an SVG, with a bar between.
std::string texts_of(const std::string& svg);

// Of a run.
Told terminal_of(const Document& document);
Told terminal_picture_of(const Document& document);
Told svg_of(const Document& document, diagram::Form form);
Told sequence_of(const Document& document);
Told page_of(const Document& document);
Told csv_of(const Document& document);
Told trace_of(const Document& document, const Told& truth);

// Of a program's only flow.
Told prometheus_of(const Document& document);
Told flow_csv_of(const Document& document);
Told flow_page_of(const Document& document);
/// As an output shows it that has no marks.
Told unmarked(Told told);

}  // namespace zctrace::samples
