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

/// One document in every state of evidence, through everything that shows figures: the same figure has the same value
/// and the same mark wherever it stands, and one without evidence is unknown there, never a number.

using namespace zctrace;
using namespace zctrace::samples;

namespace {

using Field = Evidence EvidenceSet::*;

/// What each output says of each figure: by its id, as written.
using Told = std::map<std::string, std::string>;

struct Truth {
  std::string id;
  std::string text;           ///< with all evidence
  std::vector<Field> fields;  ///< known as well as the worst of them
};

const std::vector<Truth> kRunTruth{
    {"cpu_copies_per_byte", "2.00", {&EvidenceSet::copies}},
    {"copies/sender/page cache/user buffer/cpu", "1.00", {&EvidenceSet::copies}},
    {"mode_switches", "258", {&EvidenceSet::system_calls, &EvidenceSet::page_faults}},
    {"mode_switches/per_chunk", "4.03", {&EvidenceSet::system_calls, &EvidenceSet::page_faults}},
    {"mode_switches/syscall", "256", {&EvidenceSet::system_calls}},
    {"mode_switches/fault", "2", {&EvidenceSet::page_faults}},
    {"syscalls", "128", {&EvidenceSet::system_calls}},
    {"syscalls/read", "64", {&EvidenceSet::system_calls}},
    {"page_faults/user", "1", {&EvidenceSet::page_faults}},
    {"page_faults/kernel", "7", {&EvidenceSet::page_faults}},
    {"context_switches/voluntary", "5", {&EvidenceSet::context_switches}},
    {"context_switches/involuntary", "3", {&EvidenceSet::context_switches}},
    {"disk/bytes", "4.00 MiB", {&EvidenceSet::disk}},
    {"disk/requests", "33", {&EvidenceSet::disk}},
    {"network/packets", "71", {&EvidenceSet::nic}},
    {"network/paged_bytes", "4.00 MiB", {&EvidenceSet::nic}},
    {"network/linear_bytes", "0 B", {&EvidenceSet::nic}},
    {"network/header_bytes", "4.58 KiB", {&EvidenceSet::nic}},
    {"network/dma_bytes", "4.00 MiB", {&EvidenceSet::nic}},
    {"receiver/cpu_copies_per_byte", "1.00", {&EvidenceSet::receiver_copies}},
    {"receiver/mode_switches", "130", {&EvidenceSet::system_calls, &EvidenceSet::page_faults}},
    {"receiver/context_switches", "12", {&EvidenceSet::context_switches}},
};

const std::vector<Truth> kFlowTruth{
    {"bytes", "4.00 MiB", {&EvidenceSet::system_calls}},    {"calls", "128", {&EvidenceSet::system_calls}},
    {"mode_switches", "256", {&EvidenceSet::system_calls}}, {"per_mib", "64.00", {&EvidenceSet::system_calls}},
    {"cpu_bytes", "8.00 MiB", {&EvidenceSet::copies}},      {"copies", "2.00", {&EvidenceSet::copies}},
    {"disk_bytes", "1.00 MiB", {&EvidenceSet::disk}},       {"unattributed", "20.0 KiB", {&EvidenceSet::copies}},
};

struct State {
  std::string name;
  Field field;
  Evidence evidence;
};

std::vector<State> states() {
  const std::vector<std::pair<std::string, Field>> fields{{"copies", &EvidenceSet::copies},
                                                          {"receiver copies", &EvidenceSet::receiver_copies},
                                                          {"system calls", &EvidenceSet::system_calls},
                                                          {"page faults", &EvidenceSet::page_faults},
                                                          {"context switches", &EvidenceSet::context_switches},
                                                          {"disk", &EvidenceSet::disk},
                                                          {"transmit", &EvidenceSet::nic}};
  std::vector<State> states{{"all exact", &EvidenceSet::copies, Evidence::exact}};
  for (const auto& [name, field] : fields)
    for (const auto evidence : {Evidence::sampled, Evidence::inferred, Evidence::none})
      states.push_back({name + " " + std::string(text(evidence)), field, evidence});
  return states;
}

Told truth_of(const std::vector<Truth>& figures, const EvidenceSet& evidence) {
  Told told;
  for (const auto& figure : figures) {
    auto worst = Evidence::exact;
    for (const auto field : figure.fields) worst = std::max(worst, evidence.*field);
    told[figure.id] = worst == Evidence::none ? "unknown" : (worst == Evidence::exact ? "" : "~") + figure.text;
  }
  return told;
}

/// All figures that `told` has are the true ones; those of `needed` are among them.
void check(const Told& truth, const Told& told, const std::string& where, const std::vector<std::string>& needed) {
  for (const auto& [id, value] : told) {
    CAPTURE(where);
    CAPTURE(id);
    CHECK(value == truth.at(id));
  }
  for (const auto& id : needed) {
    CAPTURE(where);
    CAPTURE(id);
    CHECK(told.contains(id));
  }
}

/// read + write in a state of evidence: what was copied is known as well as the run says.
Document run_in(const State& state) {
  auto document = read_write();
  document.run.evidence.*state.field = state.evidence;
  auto& ledger = document.ledger;
  ledger.sender.kernel_faults = 7;
  ledger.sender.involuntary_switches = 3;
  if (state.evidence == Evidence::none) return document;
  const auto& evidence = document.run.evidence;
  for (auto& copy : ledger.copies)
    copy.evidence = copy.by == Mover::cpu    ? copies_evidence(document.run, copy.side)
                    : copy.from == End::disk ? evidence.disk
                                             : evidence.nic;
  return document;
}

Document program_in(const State& state) {
  auto document = program({"cat"});
  auto moved = part(FlowMethod::read_write, FlowLink::buffer, 4 * kMiB, 128, 2);
  moved.disk_bytes = kMiB;
  add(document, {file("/a", 1), file("/b", 2), {moved}}, End::page_cache, End::file);
  document.ledger.flows->unattributed_bytes = 20 * 1024;
  document.ledger.flows->unattributed_copies = 5;
  document.run.evidence.*state.field = state.evidence;
  if (state.evidence == Evidence::none) return document;
  for (auto& copy : document.ledger.copies) copy.evidence = document.run.evidence.copies;
  return document;
}

/// Compiled once: that takes longer than the search.
const std::regex& compiled(const std::string& pattern) {
  static std::map<std::string, std::regex> known;
  return known.try_emplace(pattern, pattern).first->second;
}

/// What `pattern` finds, its groups by `ids`; {} is a figure. Nothing where it is not there.
void find(Told& told, const std::string& text, const std::string& pattern, const std::vector<std::string>& ids) {
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
void row_unknown(Told& told, const std::string& text, const std::string& row, const std::vector<std::string>& ids) {
  if (std::regex_search(text, compiled(row)))
    for (const auto& id : ids) told[id] = "unknown";
}

const std::vector<std::string> kFaults{"page_faults/user", "page_faults/kernel"},
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

std::string exported(const char* format, const Document& document) {
  std::string bytes;
  const auto exporter = exports::format_named(format)->make([&](std::string_view more) { bytes += more; });
  auto copy = document;
  exporter->add(copy, "run.json");
  exporter->finish();
  return bytes;
}

/// A value of the CSV as a reader would see it: in its unit, marked by its evidence.
std::string shown(const std::string& value, const std::string& unit, const std::string& evidence) {
  CHECK(value.empty() == (evidence == "none"));
  if (value.empty()) return "unknown";
  const auto text = value.find('.') != value.npos || unit == "copies" ? format_ratio(std::stod(value))
                    : unit == "bytes"                                 ? format_bytes(std::stoull(value))
                                                                      : format_count(std::stoull(value));
  return (evidence == "exact" ? "" : "~") + text;
}

std::vector<std::map<std::string, std::string>> csv_rows(const Document& document) {
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

}  // namespace

TEST_CASE("a run's figures have one value and one mark, whatever is known and whoever shows them") {
  for (const auto& state : states()) {
    CAPTURE(state.name);
    const auto document = run_in(state);
    const auto truth = truth_of(kRunTruth, document.run.evidence);
    const auto is_known = [&](const std::string& id) { return truth.at(id) != "unknown"; };

    std::vector<std::string> listed;
    for (const auto& figure : kRunTruth)
      if (figure.id != "receiver/context_switches" && (figure.id != "syscalls/read" || is_known(figure.id)))
        listed.push_back(figure.id);
    auto page = page_of(document);
    std::erase_if(page, [&](const auto& figure) { return !truth.contains(figure.first); });
    check(truth, page, "page", listed);
    listed.push_back("syscalls/read");
    check(truth, csv_of(document), "CSV", listed);

    std::vector<std::string> said{
        "cpu_copies_per_byte", "mode_switches",   "page_faults/user",     "context_switches/voluntary",  "disk/bytes",
        "disk/requests",       "network/packets", "network/header_bytes", "receiver/cpu_copies_per_byte"};
    if (is_known("syscalls/read")) said.emplace_back("syscalls/read");
    check(truth, terminal_of(document), "terminal", said);
    check(truth, terminal_picture_of(document), "picture", {"mode_switches"});
    const std::vector<std::string> drawn{"mode_switches", "syscalls/read", "page_faults/user",
                                         "context_switches/involuntary", "receiver/cpu_copies_per_byte"};
    check(truth, svg_of(document, diagram::Form::wide), "SVG", drawn);
    // There the switches are broken into lines.
    check(truth, svg_of(document, diagram::Form::narrow), "narrow SVG", {drawn.begin() + 1, drawn.end()});
    check(truth, sequence_of(document), "sequence",
          is_known("syscalls") ? std::vector<std::string>{"syscalls", "mode_switches"} : std::vector<std::string>{});
    check(truth, trace_of(document, truth), "trace",
          {"cpu_copies_per_byte", "mode_switches", "disk/bytes", "network/packets", "receiver/mode_switches"});
  }
}

TEST_CASE("a flow's figures have one value and one mark, whatever is known and whoever shows them") {
  for (const auto& state : states()) {
    CAPTURE(state.name);
    const auto document = program_in(state);
    const auto truth = truth_of(kFlowTruth, document.run.evidence);
    check(truth, flow_csv_of(document), "CSV",
          {"bytes", "calls", "mode_switches", "cpu_bytes", "disk_bytes", "unattributed"});
    check(truth, flow_page_of(document), "page", {"bytes", "copies", "per_mib", "disk_bytes", "unattributed"});
    check(unmarked(truth), prometheus_of(document), "Prometheus", {"bytes", "calls", "cpu_bytes", "unattributed"});
  }
}

TEST_CASE("calls of many kinds are told alike: the busiest, and the others together") {
  auto document = read_write();
  for (int i = 0; i < 6; ++i) document.ledger.sender.syscalls[fmt::format("call_{}", i)] = 7;
  const auto row = "read 64, write 64, call_0 7, call_1 7, call_2 7, call_3 7, 14 others";
  const auto terminal = terminal::run_text(document.run, document.ledger, {false, true, Language::english, 160});
  CHECK(terminal.find(row) != terminal.npos);
  CHECK(texts_of(diagram::flow(document.run, document.ledger, {})).find(row) != std::string::npos);
}

TEST_CASE("nobody saw that nothing was copied outside the flows where copies are inferred") {
  auto document = program_in({"", &EvidenceSet::copies, Evidence::inferred});
  document.ledger.flows->unattributed_bytes = document.ledger.flows->unattributed_copies = 0;
  for (const auto& told : {flow_csv_of(document), flow_page_of(document), prometheus_of(document)})
    CHECK(told.at("unattributed") == "unknown");
}
