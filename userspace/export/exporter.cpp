#include "userspace/export/exporter.h"

#include <algorithm>

#include "userspace/export/chrome_trace.h"
#include "userspace/export/csv.h"
#include "userspace/export/folded.h"
#include "userspace/export/perfetto.h"

namespace zctrace::exports {
namespace {

// Plain .json is no ending of any: our own documents have it.
constexpr Format kFormats[] = {
    {"perfetto", ".pftrace", "ui.perfetto.dev, trace_processor", true, true, perfetto},
    {"chrome", ".trace.json", "chrome://tracing, ui.perfetto.dev, speedscope", false, true, chrome_trace},
    {"csv", ".csv", "spreadsheets, pandas, R, sqlite3", false, false, csv},
    {"folded", ".folded", "speedscope, flamegraph.pl, inferno (run --cpu)", false, false, folded},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* format_named(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &Format::name);
  return found == std::end(kFormats) ? nullptr : found;
}

const Format* format_of(std::string_view path) {
  if (path.ends_with(".perfetto-trace")) return format_named("perfetto");
  const auto* found = std::ranges::find_if(kFormats, [&](const Format& each) { return path.ends_with(each.ending); });
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace zctrace::exports
