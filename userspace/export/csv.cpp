#include "userspace/export/csv.h"

#include <array>
#include <optional>

#include "base/text.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"
#include "userspace/export/output_buffer.h"

namespace zctrace::exports {

using namespace timeline;

namespace {

/// A cell: text that a spreadsheet would take for a formula (it begins with = + - @) gets a ' before it, control
/// characters become '?'; what RFC 4180 wants quoted is quoted.
std::string cell(std::string_view text) {
  std::string clean = !text.empty() && std::string_view("=+-@").find(text.front()) != text.npos ? "'" : "";
  for (const auto character : characters(text)) clean += utf8(character);
  if (clean.find_first_of(",\"") == clean.npos) return clean;
  std::string quoted = "\"";
  for (const char c : clean) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

/// What a figure is of; empty where it does not apply.
struct Row {
  std::string_view side, kind, name;
  std::string_view from, to, by, function, via, context;
  std::string value;  ///< empty: not known
  std::string_view unit;
  std::string calls;  ///< of copies
  Evidence evidence;
};

class CsvExporter : public Exporter {
 public:
  explicit CsvExporter(Output output) : out_(std::move(output)) {
    out_ << "run,file,method,kernel,where,size,chunk,cache,path,device,scatter_gather,complete,lost_events,"
            "side,kind,name,from,to,by,function,via,context,value,unit,calls,evidence\r\n";
  }

  void add(Document& document, const std::string& file) override {
    const auto& run = document.run;
    const auto& ledger = document.ledger;
    begin_run(run, file);
    for (const auto& copy : ledger.copies)
      put({text(copy.side), "copy", "", text(copy.from), text(copy.to), text(copy.by), copy.function, copy.via,
           text(copy.context), std::to_string(copy.bytes), "bytes", std::to_string(copy.calls), copy.evidence});
    if (ledger.flows) flows(run, *ledger.flows);
    sides(run, ledger);
    devices(run.evidence, ledger);
    totals(run, ledger);
    for (const auto& [kind, events] : run.lost.by_kind) count("", "lost", kind, events, "events", Evidence::exact);
  }

  void finish() override { out_.flush(); }

 private:
  void begin_run(const Run& run, const std::string& file) {
    run_ = std::to_string(++runs_);
    const auto add = [&](std::string_view text) { run_ += ',' + cell(text); };
    const auto yes = [&](bool value) { add(value ? "true" : "false"); };
    add(file);
    add(run.method);
    add(run.kernel.release);
    add(run.kernel.where);
    add(std::to_string(run.size));
    add(std::to_string(run.chunk));
    add(run.cache);
    add(run.path.kind);
    add(run.path.device);
    yes(run.path.scatter_gather);
    yes(run.complete);
    add(std::to_string(run.lost.events));
  }

  void put(const Row& row) {
    out_ << run_;
    for (const auto text : {row.side, row.kind, row.name, row.from, row.to, row.by, row.function, row.via, row.context,
                            std::string_view(row.value), row.unit, std::string_view(row.calls), text(row.evidence)})
      out_ << "," << cell(text);
    out_ << "\r\n";
  }

  /// A figure without evidence is not known, whatever the document holds in its place.
  void figure(std::string_view side, std::string_view kind, std::string_view name, std::string value,
              std::string_view unit, Evidence evidence) {
    if (evidence == Evidence::none) value.clear();
    put({side, kind, name, "", "", "", "", "", "", std::move(value), unit, "", evidence});
  }
  void count(std::string_view side, std::string_view kind, std::string_view name, uint64_t value, std::string_view unit,
             Evidence evidence) {
    figure(side, kind, name, std::to_string(value), unit, evidence);
  }
  void ratio(std::string_view side, std::string_view name, std::optional<double> value, std::string_view unit,
             Evidence evidence) {
    std::array<char, 32> digits;
    const auto end = value ? std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr : digits.data();
    figure(side, "figure", name, {digits.data(), end}, unit, value ? evidence : Evidence::none);
  }

  /// Per flow and method: what arrived, with the link in the column "via"; then what was copied, passed on as pages and
  /// fetched from the disk on the way.
  void flows(const Run& run, const Flows& flows) {
    const auto& evidence = run.evidence;
    for (const auto& flow : flows.list)
      for (const auto& part : flow.parts) {
        const auto row = [&](std::string_view by, std::string_view link, uint64_t value, std::string_view unit,
                             const std::string& calls, Evidence known) {
          put({text(Side::sender), "flow", text(part.method), flow.from.name, flow.to.name, by, "", link, "",
               known == Evidence::none ? "" : std::to_string(value), unit, calls, known});
        };
        const auto copies = part.copies_known ? evidence.copies : Evidence::none;
        row("", text(part.link), part.bytes, "bytes", std::to_string(part.calls), evidence.system_calls);
        row(text(Mover::cpu), "", part.cpu_bytes, "bytes", "", copies);
        row(text(Mover::reference), "", part.reference_bytes, "bytes", "", copies);
        row(text(Mover::dma), "", part.disk_bytes, "bytes", "", evidence.disk);
        row("", "", part.mode_switches, "switches", "", mode_switches_evidence(run));
      }
    count("sender", "flows", "unattributed", flows.unattributed_bytes, "bytes", evidence.copies);
    count("sender", "flows", "merged", flows.merged, "flows", Evidence::exact);
    count("sender", "flows", "dropped_calls", flows.dropped_calls, "calls", Evidence::exact);
    count("sender", "flows", "dropped", flows.dropped_bytes, "bytes", Evidence::exact);
  }

  void sides(const Run& run, const Ledger& ledger) {
    const auto& evidence = run.evidence;
    for (const auto which : {Side::sender, Side::receiver}) {
      if (which == Side::receiver && !has_receiver(run)) continue;
      const auto& figures = which == Side::sender ? ledger.sender : ledger.receiver;
      const auto side = text(which);
      for (const auto& [name, calls] : figures.syscalls)
        count(side, "syscall", name, calls, "calls", evidence.system_calls);
      count(side, "figure", "mode_switches_syscall", figures.mode_switches.syscall, "switches", evidence.system_calls);
      count(side, "figure", "mode_switches_fault", figures.mode_switches.fault, "switches", evidence.page_faults);
      count(side, "figure", "page_faults_user", figures.user_faults, "faults", evidence.page_faults);
      count(side, "figure", "page_faults_kernel", figures.kernel_faults, "faults", evidence.page_faults);
      count(side, "figure", "context_switches_voluntary", figures.voluntary_switches, "switches",
            evidence.context_switches);
      count(side, "figure", "context_switches_involuntary", figures.involuntary_switches, "switches",
            evidence.context_switches);
      count(side, "figure", "cpu_time", figures.cpu_ns.value_or(0), "ns",
            figures.cpu_ns ? Evidence::exact : Evidence::none);
      ratio(side, "cpu_copies_per_byte", cpu_copies_per_byte(run, ledger, which), "copies",
            copies_evidence(run, which));
    }
    ratio("sender", "mode_switches_per_chunk", mode_switches_per_chunk(run, ledger), "switches", evidence.system_calls);
  }

  void devices(const EvidenceSet& evidence, const Ledger& ledger) {
    count("sender", "disk", "payload", ledger.dma.disk_bytes, "bytes", evidence.disk);
    count("sender", "disk", "requests", ledger.dma.disk_requests, "requests", evidence.disk);
    count("sender", "nic", "dma", ledger.dma.nic_bytes, "bytes", evidence.nic);
    count("sender", "transmit", "packets", ledger.transmit.packets, "packets", evidence.nic);
    count("sender", "transmit", "payload", ledger.transmit.payload_bytes, "bytes", evidence.nic);
    count("sender", "transmit", "linear", ledger.transmit.linear_bytes, "bytes", evidence.nic);
    count("sender", "transmit", "paged", ledger.transmit.paged_bytes, "bytes", evidence.nic);
    count("sender", "transmit", "headers", ledger.transmit.header_bytes, "bytes", evidence.nic);
  }

  void totals(const Run& run, const Ledger& ledger) {
    count("sender", "figure", "payload", ledger.payload_bytes, "bytes", Evidence::exact);
    count("receiver", "figure", "received", ledger.received_bytes, "bytes", Evidence::exact);
    count("", "figure", "duration", run.duration_ns, "ns", Evidence::exact);
  }

  OutputBuffer out_;
  uint64_t runs_ = 0;
  std::string run_;  ///< the columns that say which run it is
};

}  // namespace

std::unique_ptr<Exporter> csv(Output output) { return std::make_unique<CsvExporter>(std::move(output)); }

}  // namespace zctrace::exports
