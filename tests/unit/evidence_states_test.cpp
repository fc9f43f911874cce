#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "model/timeline/names.h"
#include "tests/unit/program_samples.h"
#include "tests/unit/told_figures.h"
#include "viz/diagram/flow.h"
#include "viz/terminal/terminal.h"

namespace evidence_states_test {

/// One document in every state of evidence, through everything that shows figures: the same figure has the same value
/// and the same mark wherever it stands, and one without evidence is unknown there, never a number.

using namespace zctrace;
using namespace zctrace::samples;

namespace {

using Field = Evidence EvidenceSet::*;

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

}  // namespace evidence_states_test
