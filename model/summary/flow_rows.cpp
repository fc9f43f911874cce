#include "model/summary/flow_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "base/units.h"
#include "model/claims/method_claims.h"
#include "model/quantities/flow_quantities.h"
#include "model/quantities/quantities.h"
#include "model/summary/words.h"
#include "model/timeline/flow_filter.h"
#include "model/timeline/flow_match.h"
#include "model/timeline/ledger.h"
#include "model/timeline/names.h"

namespace zctrace::summary {

using namespace timeline;

std::string method_text(FlowMethod method, Language language) {
  if (method == FlowMethod::msg_zerocopy) return "MSG_ZEROCOPY";
  return claims::carrier_title(text(method), language);
}

namespace {

constexpr std::ptrdiff_t kMany = 12;  // flows of weight, beyond which clients and numbered files are told together

std::string how_linked(const FlowPart& part, Language language) {
  const auto method = method_text(part.method, language);
  switch (part.link) {
    case FlowLink::call:
      return say(language, Text::flow_by_call, method);
    case FlowLink::pipe:
      return say(language, Text::flow_by_pipe, method);
    case FlowLink::mapping:
      return say(language, Text::flow_by_mapping, method);
    case FlowLink::buffer:
      return say(language, Text::flow_by_buffer, method);
    case FlowLink::likely_buffer:
      return say(language, Text::flow_by_likely_buffer, method);
    case FlowLink::none:
      break;
  }
  return method;
}

std::string how(const FlowPart& part, Language language) {
  const auto linked = how_linked(part, language);
  return part.repeated_bytes == 0 ? linked
                                  : say(language, Text::flow_repeated, linked, format_size(part.repeated_bytes));
}

/// What only loads or sets up a program: read from such a file, and seen to go no further.
bool is_preliminary(const Flow& flow) {
  return flow.from.kind == FlowEndKind::file && flow.to.kind == FlowEndKind::memory && !is_linked(total(flow)) &&
         is_library_or_setting(flow.from.name);
}

/// Does it say anything which thread it was?
bool have_several_names(const Flows& flows) {
  std::set<std::string_view> names;
  for (const Flow& flow : flows.list)
    for (const FlowPart& part : flow.parts) names.insert(part.threads.begin(), part.threads.end());
  return names.size() > 1;
}

std::string threads_text(const FlowPart& part, Language language) {
  constexpr size_t kMost = 3;
  const auto& names = part.threads;
  if (names.empty()) return "";
  const auto joined = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMost)),
                      words(Text::comma, language)));
  const bool more = names.size() > kMost || part.more_threads;
  return more ? say(language, Text::flow_threads_more, joined) : say(language, Text::flow_threads, joined);
}

FlowFigures figures_of(const Run& run, const FlowPart& part, std::optional<double> reuse, bool threads,
                       Language language) {
  FlowFigures figures;
  figures.how = how(part, language);
  if (threads) figures.threads = threads_text(part, language);
  figures.bytes = part.bytes;
  figures.amount = quantities::shown("bytes", run.evidence, part, language);
  const auto copies = quantities::amount("copies_per_byte", run.evidence, part);
  figures.ratio = copies.number;
  const auto transforms = quantities::amount("transforms_per_byte", run.evidence, part);
  figures.tone = copies_tone(copies, transforms.number.value_or(0));
  if (transforms.number)
    figures.transforms =
        say(language, Text::flow_transforms, quantities::shown(transforms, quantities::Unit::ratio, language),
            ciphers_text(part.transform_by, language));
  figures.copies = quantities::shown("copies_per_byte", run.evidence, part, language);
  const auto switches = quantities::amount("mode_switches_per_mib", run.evidence, part);
  constexpr double kWhole = 1000;  // no parts of a switch from here on
  figures.switches = switches.number.value_or(0) < kWhole
                         ? quantities::shown(switches, quantities::Unit::ratio, language)
                         : mark(switches.evidence) + format_count(rounded(*switches.number));
  figures.disk = quantities::shown("disk_bytes", run.evidence, part, language);
  if (reuse) figures.cached = fmt::format("{}{:.0f}%", mark(run.evidence.disk), 100 * *reuse);
  // Their columns are narrow.
  if (!switches.number) figures.switches = "?";
  if (run.evidence.disk == Evidence::none) figures.disk = "?";
  return figures;
}

/// A file system without a device of its own (tmpfs, overlay, 9p) has another's disk, or none.
bool has_disk(const FlowEnd& end) {
  constexpr unsigned kMinorBits = 20;
  return end.kind == FlowEndKind::file && end.device >> kMinorBits != 0;
}

std::string written_text(const Run& run, const Flow& flow, const FlowPart& sum, Language language) {
  if (flow.to.kind != FlowEndKind::file || run.evidence.disk == Evidence::none) return "";
  if (sum.written_bytes == 0)
    return has_disk(flow.to) && sum.bytes != 0 ? std::string(words(Text::flow_not_written, language)) : "";
  const auto bytes = quantities::shown("written_bytes", run.evidence, sum, language);
  if (sum.written_later_bytes == 0) return say(language, Text::flow_written, bytes);
  return say(language, Text::flow_written_later, bytes,
             mark(run.evidence.disk) + format_bytes(sum.written_later_bytes));
}

/// What a person calls the ends of these flows.
class ShortNames {
 public:
  explicit ShortNames(const Flows& flows) {
    for (const Flow& flow : flows.list)
      for (const FlowEnd* end : {&flow.from, &flow.to}) {
        if (end->kind == FlowEndKind::file && !end->name.empty()) paths_[last(end->name, 1)].insert(end->name);
        if (const auto socket = Connection::of(*end)) {
          connections_[socket->own].insert(end->name);
          connections_[socket->peer].insert(end->name);
        }
      }
  }

  std::string of(const FlowEnd& end, Language language) const {
    if (const auto connection = Connection::of(end)) return socket(*connection, end, language);
    if (end.kind != FlowEndKind::file || end.name.empty()) return end_text(end, language);
    // Files of one name are told apart by their folders.
    const auto name = last(end.name, 1);
    return std::string(paths_.at(name).size() == 1 ? name : last(end.name, 2));
  }

 private:
  struct Connection {
    std::string_view own, peer, times;  ///< " ×3"

    static std::optional<Connection> of(const FlowEnd& end) {
      constexpr std::string_view kTcp = "tcp ";
      const std::string_view name = end.name;
      const auto at = name.find(kBetweenAddresses);
      if (end.kind != FlowEndKind::socket || at == name.npos || !name.starts_with(kTcp)) return {};
      const auto peer = name.substr(at + kBetweenAddresses.size());
      const auto blank = std::min(peer.find(' '), peer.size());
      return Connection{name.substr(kTcp.size(), at - kTcp.size()), peer.substr(0, blank), peer.substr(blank)};
    }
  };

  static std::string_view last(std::string_view path, int names) {
    auto at = path.size();
    for (; names > 0 && at != path.npos && at > 0; --names) at = path.rfind('/', at - 1);
    const auto found = at == path.npos ? path : path.substr(at + 1);
    return found.empty() ? path : found;
  }

  /// A server's end is that which several connections share, or whose port the kernel did not choose.
  std::string socket(const Connection& connection, const FlowEnd& end, Language language) const {
    const auto& [own, peer, times] = connection;
    const auto is_chosen = [&](std::string_view address) {
      return is_any_clients(address) ||
             (connections_.at(address).size() < 2 && without_chosen_port(address) != address);
    };
    if (is_chosen(own) == is_chosen(peer)) return end_text(end, language);
    if (is_chosen(own)) return say(language, Text::end_server, std::string(peer) + std::string(times));
    return say(language, Text::end_client, std::string(peer.substr(0, peer.rfind(':'))) + std::string(times),
               own.substr(own.rfind(':') + 1));
  }

  std::map<std::string_view, std::set<std::string_view>> connections_;  ///< by the address of an end
  std::map<std::string_view, std::set<std::string_view>> paths_;
};

/// Connections that differ in a port of a client's are one flow, and if there are many flows, clients and numbered
/// files.
Flows as_told(const Flows& flows) {
  if (flows.shown.all) return flows;
  Flows together = told_together(flows, Alike::ports);
  const uint64_t all = moved_bytes(flows);
  const auto weighty = std::ranges::count_if(together.list, [&](const Flow& flow) {
    const FlowPart sum = total(flow);
    return is_linked(sum) || (sum.bytes * 100 >= all && !is_preliminary(flow));
  });
  return weighty > kMany ? told_together(flows, Alike::numbers) : together;
}

/// Those behind the biggest, which together carry 99 %.
void mark_minor(std::vector<FlowRow>& rows) {
  uint64_t all = 0, seen = 0;
  std::vector<FlowRow*> by_size;
  for (auto& row : rows) {
    all += row.all.bytes;
    by_size.push_back(&row);
  }
  std::ranges::stable_sort(by_size, std::ranges::greater(), [](const FlowRow* row) { return row->all.bytes; });
  for (auto* row : by_size) {
    if (all > 0 && seen >= all - all / 100) row->minor = true;
    seen += row->all.bytes;
  }
}

}  // namespace

std::string process_text(const Process& process, Language language) {
  const std::string& in = process.container.empty() ? process.unit : process.container;
  if (process.pid == 0 && process.count == 1) return process.command;
  const auto number = process.pid != 0 ? std::to_string(process.pid) : format_count(process.count);
  if (process.pid != 0)
    return in.empty() ? say(language, Text::process_one, process.command, number)
                      : say(language, Text::process_one_in, process.command, number, in);
  return in.empty() ? say(language, Text::process_many, process.command, number)
                    : say(language, Text::process_many_in, process.command, number, in);
}

bool have_several_processes(const Flows& flows) {
  const Process* first = nullptr;
  for (const Flow& flow : flows.list) {
    if (!flow.process) continue;
    if (flow.process->count > 1 || (first && !(*first == *flow.process))) return true;
    first = &*flow.process;
  }
  return false;
}

Flows told_by_process(Flows flows) {
  if (!have_several_processes(flows))
    for (Flow& flow : flows.list) set_process(flow, {});
  return flows;
}

std::string end_text(const FlowEnd& end, Language language, bool with_first_name) {
  if (with_first_name && !end.first_name.empty()) return say(language, Text::end_renamed, end.name, end.first_name);
  if (end.kind == FlowEndKind::memory && end.process)
    return say(language, Text::end_memory_of, process_text(*end.process, language));
  return end.name.empty() ? std::string(word(end.kind, language)) : end.name;
}

FlowFigures flow_figures(const Run& run, const Flow& flow, Language language) {
  auto figures = figures_of(run, total(flow), cache_reuse(run, flow), false, language);
  if (is_mixed(flow)) figures.how = words(Text::flow_mixed, language);
  return figures;
}

std::vector<FlowRow> flow_rows(const Run& run, const Flows& flows, Language language, const why::Explainer* explainer) {
  std::vector<FlowRow> rows;
  const bool threads = have_several_names(flows);
  Flows wanted = flows;
  std::erase_if(wanted.list, [&](const Flow& flow) { return !passes(flows.shown, flow); });
  const Flows all = told_by_process(as_told(wanted));
  const ShortNames short_names(all);
  std::set<std::string_view> preliminary;
  FlowPart libraries;
  for (const auto& flow : all.list) {
    const auto sum = total(flow);
    if (!flows.shown.all && is_preliminary(flow)) {
      libraries = preliminary.empty() ? sum : total({{}, {}, {libraries, sum}, 0, 0, false});
      preliminary.insert(flow.from.name);
      continue;
    }
    FlowRow row{end_text(flow.from, language, flows.shown.all),
                end_text(flow.to, language, flows.shown.all),
                is_linked(sum),
                figures_of(run, sum, cache_reuse(run, flow), threads, language),
                flow.process && flow.from.kind != FlowEndKind::memory && flow.to.kind != FlowEndKind::memory
                    ? process_text(*flow.process, language)
                    : "",
                flows.writes_followed ? written_text(run, flow, sum, language) : "",
                {},
                explainer ? explainer->of(flow) : std::vector<why::Why>(),
                short_names.of(flow.from, language),
                short_names.of(flow.to, language),
                false};
    if (is_mixed(flow)) {
      row.all.how = words(Text::flow_mixed, language);
      for (const auto& part : flow.parts)
        row.parts.push_back(
            figures_of(run, part, cache_reuse(run, {flow.from, flow.to, {part}, 0, 0, false}), threads, language));
    }
    rows.push_back(std::move(row));
  }
  if (!preliminary.empty()) {
    const auto name = say(language, Text::flows_libraries,
                          say_count(language, preliminary.size(), Text::one_file, Text::many_files));
    const auto memory = end_text({}, language);
    rows.push_back(
        {name, memory, false, figures_of(run, libraries, {}, false, language), "", "", {}, {}, name, memory, false});
  }
  std::ranges::stable_sort(rows, [](const FlowRow& a, const FlowRow& b) {
    return a.linked != b.linked ? a.linked : a.all.bytes > b.all.bytes;
  });
  mark_minor(rows);
  return rows;
}

WeighedFlows weighed(std::vector<FlowRow> rows, size_t most, bool minor) {
  uint64_t all = 0;
  for (const auto& row : rows) all += row.all.bytes;
  WeighedFlows weighed;
  for (auto& row : rows) {
    const bool weighs = row.linked || row.all.bytes * 100 >= all;
    if (weighed.shown.size() < most && weighs && (minor || !row.minor)) {
      weighed.shown.push_back(std::move(row));
    } else {
      ++weighed.left;
      weighed.left_bytes += row.all.bytes;
    }
  }
  return weighed;
}

namespace {

/// Calls that move bytes, and of which no flow is made: message queues', and the 32-bit table's. "msgrcv ×12".
std::string calls_in_no_flow(const Ledger& ledger, Language language) {
  constexpr std::array<std::string_view, 4> kQueues{"msgsnd", "msgrcv", "mq_timedsend", "mq_timedreceive"};
  constexpr std::array<std::string_view, 9> kOf32Bits{"read",   "write",    "pread64", "pwrite64", "readv",
                                                      "writev", "sendfile", "splice",  "recvfrom"};
  std::string text;
  for (const auto& [name, count] : ledger.sender.syscalls) {
    constexpr std::string_view k32 = "_32";
    const auto plain = std::string_view(name).substr(0, name.size() - (name.ends_with(k32) ? k32.size() : 0));
    const bool moves = plain.size() == name.size() ? std::ranges::find(kQueues, plain) != kQueues.end()
                                                   : std::ranges::find(kOf32Bits, plain) != kOf32Bits.end();
    if (moves && count != 0)
      text += fmt::format("{}{} ×{}", text.empty() ? "" : words(Text::comma, language), name, format_count(count));
  }
  return text;
}

std::string detail_text(const Detail& detail, Language language) {
  if (detail.events == 0) return say(language, Text::detail_all, detail.window);
  const auto left_out = say_count(language, detail.events, Text::one_event, Text::many_events);
  if (detail.window == "none") return say(language, Text::detail_none, left_out);
  return say(language, Text::detail_left_out, detail.window, left_out);
}

}  // namespace

std::vector<FlowRemark> flow_remarks(const Run& run, const Ledger& ledger, Language language) {
  const Flows& flows = *ledger.flows;
  std::vector<FlowRemark> remarks;
  if (flows.unattributed_copies > 0)
    remarks.push_back(
        {Text::flows_unattributed,
         say(language, Text::flows_unattributed_copies,
             quantities::shown(quantities::unattributed(run.evidence, flows.unattributed_bytes),
                               quantities::Unit::bytes, language),
             say_count(language, flows.unattributed_copies, Text::page_one_copy, Text::page_many_copies))});
  if (const uint64_t moved = moved_bytes(flows); moved != 0)
    remarks.push_back({Text::flows_moved, say(language, Text::flows_moved_linked, format_bytes(moved),
                                              format_bytes(passed_on(flows).bytes))});
  uint64_t hidden = 0, hidden_bytes = 0;
  for (const Flow& flow : flows.list) {
    if (passes(flows.shown, flow)) continue;
    hidden++;
    hidden_bytes += total(flow).bytes;
  }
  if (hidden > 0)
    remarks.push_back({Text::flows_hidden, say(language, Text::flows_hidden_by,
                                               say_count(language, hidden, Text::one_flow, Text::many_flows),
                                               format_bytes(hidden_bytes), text_of(flows.shown))});
  if (flows.merged > 0)
    remarks.push_back({Text::flows_merged, say(language, Text::flows_merged_into, format_count(flows.merged))});
  if (flows.dropped_calls > 0)
    remarks.push_back(
        {Text::flows_dropped,
         say(language, Text::flows_dropped_calls, format_bytes(flows.dropped_bytes), format_count(flows.dropped_calls)),
         true});
  if (const auto calls = calls_in_no_flow(ledger, language); !calls.empty())
    remarks.push_back({Text::flows_not_understood, say(language, Text::flows_not_understood_calls, calls), true});
  if (const auto& detail = run.detail) remarks.push_back({Text::detail_window, detail_text(*detail, language)});
  return remarks;
}

}  // namespace zctrace::summary
