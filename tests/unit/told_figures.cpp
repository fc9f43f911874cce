#include "tests/unit/told_figures.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "base/units.h"
#include "model/timeline/names.h"
#include "tests/unit/program_samples.h"
#include "userspace/export/exporter.h"
#include "userspace/export/prometheus/metrics.h"
#include "viz/diagram/flow.h"
#include "viz/diagram/sequence.h"
#include "viz/page/said.h"
#include "viz/terminal/terminal.h"

namespace zctrace::samples {

/// Compiled once: that takes longer than the search.
static const std::regex& compiled(const std::string& pattern) {
  static std::map<std::string, std::regex> known;
  return known.try_emplace(pattern, pattern).first->second;
}

/// What `pattern` finds, its groups by `ids`; {} is a figure. Nothing where it is not there.
static void find(Told& told, const std::string& text, const std::string& pattern, const std::vector<std::string>& ids) {
  static const std::string kFigure = R"((~?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?: [KMG]i?B| B)?|unknown))";
  std::string whole;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool figure = pattern.compare(i, 2, "{}") == 0;
    whole += figure ? kFigure : std::string(1, pattern[i]);
    i += figure;
  }
  std::smatch found;
  if (!std::regex_search(text, found, compiled(whole))) return;
  for (size_t i = 0; i < ids.size(); ++i) told[ids[i]] = found[i + 1];
}

/// The texts of an SVG, with a bar between; what a pointer would show is left out. A regular expression takes a second
/// for a large one.
std::string texts_of(const std::string& svg) {
  constexpr std::string_view kSpace = " \n\t";
  std::string text;
  for (size_t at = 0; at < svg.size();) {
    if (svg[at] != '<') {
      const bool indents = text.ends_with('|') && kSpace.find(svg[at]) != kSpace.npos;
      if (!indents) text += svg[at];
      ++at;
      continue;
    }
    for (const std::string_view hidden : {"<title", "<desc"})
      if (svg.compare(at, hidden.size(), hidden) == 0) at = svg.find("</", at);
    at = svg.find('>', at) + 1;
    text.erase(text.find_last_not_of(kSpace) + 1);
    if (!text.ends_with('|')) text += '|';
  }
  return text;
}

/// A whole row that is unknown is so for all that it would tell.
static void row_unknown(Told& told, const std::string& text, const std::string& row, const std::vector<std::string>& ids) {
  if (std::regex_search(text, compiled(row)))
    for (const auto& id : ids) told[id] = "unknown";
}

static const std::vector<std::string> kFaults{"page_faults/user", "page_faults/kernel"},
    kContext{"context_switches/voluntary", "context_switches/involuntary"}, kDisk{"disk/bytes", "disk/requests"},
    kNetwork{"network/packets", "network/paged_bytes", "network/linear_bytes", "network/header_bytes"};

Told terminal_of(const Document& document) {
  const auto text = terminal::run_text(document.run, document.ledger, {false, true, Language::english, 160});
  Told told;
  find(told, text, "CPU copies per byte +{}", {"cpu_copies_per_byte"});
  find(told, text, "\n +{}  page cache → user buffer", {"copies/sender/page cache/user buffer/cpu"});
  find(told, text, "\n mode switches +{}", {"mode_switches"});
  find(told, text, "\n mode switches +[^\n]*: {} by system calls, {} by page faults",
       {"mode_switches/syscall", "mode_switches/fault"});
  find(told, text, "\n mode switches +[^\n]*, {} per chunk", {"mode_switches/per_chunk"});
  find(told, text, "\n system calls +read {}", {"syscalls/read"});
  row_unknown(told, text, "\n system calls +unknown", {"syscalls/read"});
  find(told, text, "\n page faults +{} from user mode; {} in kernel mode", kFaults);
  row_unknown(told, text, "\n page faults +unknown", kFaults);
  find(told, text, "\n context switches +{} voluntary, {} involuntary", kContext);
  row_unknown(told, text, "\n context switches +unknown", kContext);
  find(told, text, "\n disk +{} of payload in {} requests", kDisk);
  row_unknown(told, text, "\n disk +unknown", kDisk);
  find(told, text, "\n network card +{} packets: {} paged, {} linear, {} headers", kNetwork);
  row_unknown(told, text, "\n network card +unknown", kNetwork);
  find(told, text, "\n receiver +{} CPU copies per byte", {"receiver/cpu_copies_per_byte"});
  row_unknown(told, text, "\n receiver +CPU copies per byte unknown", {"receiver/cpu_copies_per_byte"});
  find(told, text, "\n receiver [^\n]*switches: {} mode", {"receiver/mode_switches"});
  find(told, text, "\n receiver [^\n]*switches: (?:[^\n]* mode, )?{} context", {"receiver/context_switches"});
  return told;
}

/// The picture's own: the finding, and what stands on the border.
Told terminal_picture_of(const Document& document) {
  const auto text = terminal::run_text(document.run, document.ledger, {false, true, Language::english, 80});
  Told told;
  find(told, text, "{} CPU copies per byte on the sending side", {"cpu_copies_per_byte"});
  find(told, text, "┄ {} mode switches", {"mode_switches"});
  find(told, text, "┄ [^\n]*mode switches, {} per chunk", {"mode_switches/per_chunk"});
  row_unknown(told, text, "┄ mode switches: unknown", {"mode_switches"});
  return told;
}

Told svg_of(const Document& document, diagram::Form form) {
  diagram::Options options;
  options.form = form;
  const auto text = texts_of(diagram::flow(document.run, document.ledger, options));
  Told told;
  find(told, text, R"(\|{} mode switches, {} per chunk)", {"mode_switches", "mode_switches/per_chunk"});
  find(told, text, R"(\({} by page faults\))", {"mode_switches/fault"});
  row_unknown(told, text, R"(\|mode switches: unknown)", {"mode_switches", "mode_switches/per_chunk"});
  find(told, text, R"(\|system calls\|read {})", {"syscalls/read"});
  row_unknown(told, text, R"(\|system calls\|unknown)", {"syscalls/read"});
  find(told, text, R"(\|page faults\|{} from user mode; {} in kernel mode)", kFaults);
  row_unknown(told, text, R"(\|page faults\|unknown)", kFaults);
  find(told, text, R"(\|context switches\|{} voluntary, {} involuntary)", kContext);
  row_unknown(told, text, R"(\|context switches\|unknown)", kContext);
  find(told, text, R"(\|receiver\|{} CPU copies per byte)", {"receiver/cpu_copies_per_byte"});
  return told;
}

Told sequence_of(const Document& document) {
  const auto text = texts_of(diagram::Sequence(document).draw(diagram::Span::whole, {}));
  Told told;
  find(told, text, R"(\|{} system calls, )", {"syscalls"});
  find(told, text, ", {} mode switches, ", {"mode_switches"});
  row_unknown(told, text, ", mode switches: unknown, ", {"mode_switches"});
  return told;
}

Told page_of(const Document& document) {
  Told told;
  const auto said = page::said(document.run, document.ledger);
  for (const auto& figure : said["en"]["figures"]) {
    const std::string value = figure["value"];
    CHECK(figure["number"].is_null() == (value == "unknown"));
    CHECK((figure["evidence"] == "none") == (value == "unknown"));
    told[figure["id"]] = value;
  }
  return told;
}

static std::string exported(const char* format, const Document& document) {
  std::string bytes;
  const auto exporter = exports::format_named(format)->make([&](std::string_view more) { bytes += more; });
  auto copy = document;
  exporter->add(copy, "run.json");
  exporter->finish();
  return bytes;
}

/// A value of the CSV as a reader would see it: in its unit, marked by its evidence.
static std::string shown(const std::string& value, const std::string& unit, const std::string& evidence) {
  CHECK(value.empty() == (evidence == "none"));
  if (value.empty()) return "unknown";
  const auto text = value.find('.') != value.npos || unit == "copies" ? format_ratio(std::stod(value))
                    : unit == "bytes"                                 ? format_bytes(std::stoull(value))
                                                                      : format_count(std::stoull(value));
  return (evidence == "exact" ? "" : "~") + text;
}

static std::vector<std::map<std::string, std::string>> csv_rows(const Document& document) {
  std::istringstream lines(exported("csv", document));
  std::vector<std::string> head;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells(1);
    for (const char c : line)
      if (c == ',')
        cells.emplace_back();
      else
        cells.back() += c;
    if (head.empty()) {
      head = cells;
      continue;
    }
    REQUIRE(cells.size() == head.size());
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < head.size(); ++i) row[head[i]] = cells[i];
  }
  return rows;
}

Told csv_of(const Document& document) {
  const std::map<std::string, std::string> ids{
      {"sender/figure/cpu_copies_per_byte", "cpu_copies_per_byte"},
      {"sender/figure/mode_switches", "mode_switches"},
      {"sender/figure/mode_switches_per_chunk", "mode_switches/per_chunk"},
      {"sender/figure/mode_switches_syscall", "mode_switches/syscall"},
      {"sender/figure/mode_switches_fault", "mode_switches/fault"},
      {"sender/figure/syscalls", "syscalls"},
      {"sender/syscall/read", "syscalls/read"},
      {"sender/figure/page_faults_user", "page_faults/user"},
      {"sender/figure/page_faults_kernel", "page_faults/kernel"},
      {"sender/figure/context_switches_voluntary", "context_switches/voluntary"},
      {"sender/figure/context_switches_involuntary", "context_switches/involuntary"},
      {"sender/disk/payload", "disk/bytes"},
      {"sender/disk/requests", "disk/requests"},
      {"sender/transmit/packets", "network/packets"},
      {"sender/transmit/paged", "network/paged_bytes"},
      {"sender/transmit/linear", "network/linear_bytes"},
      {"sender/transmit/headers", "network/header_bytes"},
      {"sender/nic/dma", "network/dma_bytes"},
      {"receiver/figure/cpu_copies_per_byte", "receiver/cpu_copies_per_byte"},
      {"receiver/figure/mode_switches", "receiver/mode_switches"},
  };
  Told told;
  for (auto& row : csv_rows(document)) {
    const auto found = ids.find(row["side"] + "/" + row["kind"] + "/" + row["name"]);
    if (found != ids.end()) told[found->second] = shown(row["value"], row["unit"], row["evidence"]);
    if (row["kind"] == "copy") CHECK(row["value"].empty() == (row["evidence"] == "none"));
    // Per byte in the others.
    if (row["kind"] == "copy" && row["side"] == "sender" && row["from"] == "page cache" && row["to"] == "user buffer")
      told["copies/sender/page cache/user buffer/cpu"] =
          row["value"].empty() ? "unknown"
                               : (row["evidence"] == "exact" ? "" : "~") +
                                     format_ratio(std::stod(row["value"]) / static_cast<double>(kSize));
  }
  return told;
}

/// The arguments of the run's slice; numbers are whole counts.
Told trace_of(const Document& document, const Told& truth) {
  Told told;
  const auto trace = nlohmann::json::parse(exported("chrome", document));
  for (const auto& event : trace["traceEvents"]) {
    if (!event.contains("args") || !event["args"].contains("verdict")) continue;
    for (const auto& [id, value] : event["args"].items()) {
      if (!truth.contains(id)) continue;
      const bool bytes = id.ends_with("bytes");
      told[id] = value.is_string() ? std::string(value)
                 : bytes           ? format_bytes(value.get<uint64_t>())
                                   : format_count(value.get<uint64_t>());
    }
  }
  return told;
}

Told prometheus_of(const Document& document) {
  exports::Metrics metrics;
  const auto text =
      exports::text_of(metrics.take(*document.ledger.flows, {document.run.kernel, document.run.evidence}));
  const std::map<std::string, std::string> names{{"zctrace_flow_bytes_total", "bytes"},
                                                 {"zctrace_flow_calls_total", "calls"},
                                                 {"zctrace_flow_mode_switches_total", "mode_switches"},
                                                 {"zctrace_flow_cpu_copied_bytes_total", "cpu_bytes"},
                                                 {"zctrace_flow_disk_bytes_total", "disk_bytes"},
                                                 {"zctrace_unattributed_copied_bytes_total", "unattributed"}};
  Told told;
  for (const auto& [name, id] : names) told[id] = "unknown";  // what has no series
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    for (const auto& [name, id] : names)
      if (line.starts_with(name + "{") || line.starts_with(name + " ")) {
        const auto value = std::stoull(line.substr(line.rfind(' ') + 1));
        told[id] = id.ends_with("bytes") || id == "unattributed" ? format_bytes(value) : format_count(value);
      }
  return told;
}

/// A counter has no mark: its evidence stands in zctrace_info.
Told unmarked(Told told) {
  for (auto& [id, value] : told)
    if (value.starts_with("~")) value.erase(0, 1);
  return told;
}

Told flow_csv_of(const Document& document) {
  Told told;
  for (auto& row : csv_rows(document)) {
    const auto value = [&] { return shown(row["value"], row["unit"], row["evidence"]); };
    if (row["kind"] == "flows" && row["name"] == "unattributed") told["unattributed"] = value();
    if (row["kind"] != "flow") continue;
    if (row["unit"] == "switches")
      told["mode_switches"] = value();
    else if (row["by"] == "cpu")
      told["cpu_bytes"] = value();
    else if (row["by"] == "dma")
      told["disk_bytes"] = value();
    else if (row["by"].empty()) {
      told["bytes"] = value();
      told["calls"] = shown(row["calls"], "calls", row["evidence"]);
    }
  }
  return told;
}

/// The page's table of flows, which the terminal and the SVG draw too: "?" is unknown in its narrow columns.
Told flow_page_of(const Document& document) {
  Told told;
  const auto said = page::said(document.run, document.ledger);
  const auto& row = said["en"]["flows"]["rows"][0]["all"];
  const auto value = [&](const char* key) {
    const std::string text = row[key];
    return text == "?" ? "unknown" : text;
  };
  told = {{"bytes", value("amount")},
          {"copies", value("copies")},
          {"per_mib", value("switches")},
          {"disk_bytes", value("disk")}};
  for (const auto& figure : said["en"]["figures"]) {
    const std::string id = figure["id"];
    if (id == "flows/unattributed") told["unattributed"] = figure["value"];
    if (id == "flows//a//b/read_write") CHECK(figure["value"] == told["bytes"]);
    if (id == "flows//a//b/read_write/copies") CHECK(figure["value"] == told["copies"]);
    if (id == "cpu_copies_per_byte") CHECK(figure["value"] == told["copies"]);
  }
  return told;
}

}  // namespace zctrace::samples
