#include "userspace/export/trace_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "model/quantities/quantities.h"
#include "model/summary/flow_rows.h"
#include "model/summary/sentences.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::exports {

using namespace timeline;

namespace {

/// A line per flow.
std::string flows_text(const Run& run, const Flows& flows) {
  constexpr size_t kMost = 24;
  const auto weighty = summary::weighed(summary::flow_rows(run, flows, Language::english), kMost);
  std::string text;
  for (const auto& row : weighty.shown)
    text += fmt::format("{} → {}: {}, {}, {} CPU copies per byte\n", row.from, row.to, row.all.amount, row.all.how,
                        row.all.copies);
  if (weighty.left > 0) text += fmt::format("and {} more", weighty.left);
  return text;
}

std::string notes_text(const std::vector<Message>& notes) {
  std::string text;
  for (const auto& note : notes) text += (text.empty() ? "" : " ") + note.in(Language::english);
  return text;
}

/// The figures of the receiver's, by names that last; its own alone stand for themselves.
const char* key_of(const quantities::Quantity& quantity, Side side) {
  static std::set<std::string> names;
  const bool behind = side == Side::receiver && quantity.whose == quantities::Whose::both;
  return names.insert(behind ? full_id(quantity, side) : std::string(quantity.id)).first->c_str();
}

/// As numbers where they were counted, one by one; as a reader sees them where they were not.
void figures(TraceWriter& writer, const quantities::Subject& subject, std::vector<Arg>& args) {
  using quantities::Unit;
  for (const auto& quantity : quantities::kQuantities) {
    if (!is_of(quantity, subject.side) || !applies(quantity, subject)) continue;
    const auto amount = quantity.of(subject);
    const auto* key = key_of(quantity, subject.side);
    const bool whole = quantity.unit == Unit::count || quantity.unit == Unit::bytes || quantity.unit == Unit::ns;
    args.push_back(whole && amount.evidence == Evidence::exact
                       ? Arg::count(key, amount.count)
                       : Arg::text(key, writer.names.id(shown(amount, quantity.unit, Language::english))));
  }
}

}  // namespace

void write_run(TraceWriter& writer, uint32_t track, const Run& run, const Ledger& ledger) {
  std::vector<Arg> args;
  const auto say = [&](const char* key, std::string_view value) {
    if (!value.empty()) args.push_back(Arg::text(key, writer.names.id(value)));
  };
  const auto evidence = [&](const char* key, Evidence value) { say(key, text(value)); };

  const auto verdict = summary::verdict_of(run, ledger, Language::english);
  say("verdict", fmt::format("{} {}; {}", verdict.figure, verdict.what, verdict.judgment));
  say("documents", summary::claim_sentence(run, Language::english));
  say("method", run.method);
  say("command", fmt::format("{}", fmt::join(run.command, " ")));
  args.push_back(Arg::count("size", run.size));
  args.push_back(Arg::count("chunk", run.chunk));
  say("cache", run.cache);
  say("kernel", run.kernel.release);
  say("where", run.kernel.where);
  say("arch", run.kernel.arch);
  say("file", run.source.file);
  say("source", fmt::format("{} ({})", run.source.device, run.source.filesystem));
  say("path", run.path.kind);
  say("network", summary::network(run, Language::english));
  for (const auto side : {Side::sender, Side::receiver}) figures(writer, {run, ledger, side}, args);
  if (ledger.flows) say("flows", flows_text(run, *ledger.flows));
  if (run.detail) say("details", fmt::format("{}; {} events left out", run.detail->window, run.detail->events));
  evidence("evidence_copies", run.evidence.copies);
  evidence("evidence_receiver_copies", run.evidence.receiver_copies);
  evidence("evidence_system_calls", run.evidence.system_calls);
  evidence("evidence_page_faults", run.evidence.page_faults);
  evidence("evidence_context_switches", run.evidence.context_switches);
  evidence("evidence_disk", run.evidence.disk);
  evidence("evidence_nic", run.evidence.nic);
  args.push_back(Arg::flag("copies_unknown", run.evidence.copies_unknown));
  say("mechanism", run.evidence.mechanism);
  say("notes", notes_text(run.evidence.notes));
  say("lost", summary::lost_sentence(run, Language::english));
  args.push_back(Arg::flag("complete", run.complete));
  say("clock", "nanoseconds from the start of the run, by CLOCK_MONOTONIC");

  const auto end = std::min<uint64_t>(run.duration_ns, std::numeric_limits<int64_t>::max());
  const Slice slice{track, 0, end, writer.names.id(summary::full_title(run, Language::english)), "run", 0, 0, false};
  writer.begin(slice, args);
  writer.end(slice);
}

}  // namespace zctrace::exports
