#include "userspace/export/csv.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "model/quantities/copies.h"
#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
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
  std::string_view side = {}, kind = {}, name = {};
  std::string_view from = {}, to = {}, by = {}, function = {}, via = {}, context = {};
  std::string_view unit = {};
  std::string calls = {};  ///< of copies
};

/// All digits; empty where it is not known.
std::string digits_of(const quantities::Amount& amount, quantities::Unit unit) {
  if (!amount.number) return {};
  using quantities::Unit;
  if (unit != Unit::ratio && unit != Unit::bytes_per_second && unit != Unit::part) return std::to_string(amount.count);
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *amount.number).ptr};
}

std::string_view unit_of(const quantities::Quantity& quantity) {
  if (!quantity.column.unit.empty()) return quantity.column.unit;
  switch (quantity.unit) {
    case quantities::Unit::bytes:
      return "bytes";
    case quantities::Unit::ns:
      return "ns";
    case quantities::Unit::bytes_per_second:
      return "bytes/s";
    case quantities::Unit::count:
    case quantities::Unit::ratio:
    case quantities::Unit::part:
      break;
  }
  return {};
}

class CsvExporter : public Exporter {
 public:
  explicit CsvExporter(Output output) : out_(std::move(output)) {
    out_ << "run,file,method,kernel,where,size,chunk,cache,path,device,scatter_gather,complete,lost_events,"
            "side,kind,name,from,to,by,function,via,context,value,unit,calls,evidence\r\n";
  }

  void add(const Recording& document, const std::string& file) override {
    const auto& run = document.run;
    const auto& ledger = document.ledger;
    begin_run(run, file);
    copies(run, ledger);
    if (ledger.flows) flows(run.evidence, *ledger.flows);
    for (const auto side : {Side::sender, Side::receiver}) figures({run, ledger, side});
    for (const auto& [kind, events] : run.lost.by_kind)
      put({.kind = "lost", .name = kind, .unit = "events"}, quantities::counted(events, Evidence::exact));
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

  void put(const Row& row, const quantities::Amount& amount, quantities::Unit unit = quantities::Unit::count) {
    const auto value = digits_of(amount, unit);
    out_ << run_;
    for (const auto text : {row.side, row.kind, row.name, row.from, row.to, row.by, row.function, row.via, row.context,
                            std::string_view(value), row.unit, std::string_view(row.calls), text(amount.evidence)})
      out_ << "," << cell(text);
    out_ << "\r\n";
  }

  void copies(const Run& run, const Ledger& ledger) {
    for (const auto& copy : ledger.copies) {
      const auto evidence = quantities::evidence_of(run, copy);
      put({text(copy.side), "copy", "", text(copy.from), text(copy.to), text(copy.by), copy.function,
           copy.cipher ? text(*copy.cipher) : copy.via, text(copy.context), "bytes",
           evidence == Evidence::none ? "" : std::to_string(copy.calls)},
          quantities::counted(copy.bytes, evidence));
    }
  }

  /// Per flow and method: what arrived, with the link in the column "via"; then what was copied, passed on as pages and
  /// fetched from the disk on the way.
  void flows(const EvidenceSet& evidence, const Flows& flows) {
    for (const auto& flow : flows.list)
      for (const auto& part : flow.parts) {
        const auto row = [&](quantities::FlowId id, std::string_view by, std::string_view link, std::string_view unit,
                             std::string calls) {
          put({text(Side::sender), "flow", text(part.method), flow.from.name, flow.to.name, by, "", link, "", unit,
               std::move(calls)},
              id->of(evidence, part), id->unit);
        };
        row("bytes", "", text(part.link), "bytes",
            digits_of(quantities::amount("calls", evidence, part), quantities::Unit::count));
        row("cpu_bytes", text(Mover::cpu), "", "bytes", "");
        row("reference_bytes", text(Mover::reference), "", "bytes", "");
        if (part.transform_bytes != 0) row("transform_bytes", text(Mover::transform), "", "bytes", "");
        row("disk_bytes", text(Mover::dma), "", "bytes", "");
        if (part.written_bytes != 0) row("written_bytes", text(Mover::dma), "", "bytes", "");
        row("mode_switches", "", "", "switches", "");
      }
  }

  /// All that the table has of the side, and its system calls one by one.
  void figures(const quantities::Subject& subject) {
    const auto side = text(subject.side);
    for (const auto& quantity : quantities::kQuantities) {
      if (!is_of(quantity, subject.side) || !applies(quantity, subject)) continue;
      const auto& column = quantity.column;
      std::string name(column.name.empty() ? quantity.id : column.name);
      std::ranges::replace(name, '/', '_');
      put({.side = quantity.whose == quantities::Whose::run ? "" : side,
           .kind = column.kind.empty() ? "figure" : column.kind,
           .name = name,
           .unit = unit_of(quantity)},
          quantity.of(subject), quantity.unit);
    }
    if (subject.side == Side::receiver && !has_receiver(subject.run)) return;
    for (const auto& [name, calls] : subject.figures().syscalls)
      put({.side = side, .kind = "syscall", .name = name, .unit = "calls"},
          quantities::counted(calls, subject.evidence().system_calls));
  }

  OutputBuffer out_;
  uint64_t runs_ = 0;
  std::string run_;  ///< the columns that say which run it is
};

}  // namespace

std::unique_ptr<Exporter> csv(Output output) { return std::make_unique<CsvExporter>(std::move(output)); }

}  // namespace zctrace::exports
