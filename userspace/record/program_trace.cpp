#include "userspace/record/program_trace.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>
#include <set>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/running.h"
#include "base/units.h"
#include "model/why/why.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/collect.h"
#include "userspace/capture/evidence.h"
#include "userspace/confine/privileges.h"
#include "userspace/record/capture_mode.h"
#include "userspace/record/surroundings.h"

namespace zctrace::record {

namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

[[noreturn]] void bad_detail(const std::string& text) {
  throw Error(ExitStatus::usage, "--detail takes a time (2s, 500ms), first:COUNT, all or none, not '" + text + "'");
}

/// Not by fmt::print: a trace does not fail for want of room for this line.
void say_who_is_followed(const Targets& targets, size_t processes) {
  const auto say = [](const std::string& whom) { std::fprintf(stderr, "zctrace: following %s\n", whom.c_str()); };
  const bool one = targets.processes.size() == 1 && targets.names.empty() && targets.cgroups.empty() && !targets.all;
  if (one) {
    const Running& process = targets.processes[0];
    const size_t children = processes - std::min<size_t>(processes, 1);
    if (children != 0)
      say(fmt::format("{} ({}) and {} child process{}", process.name, process.pid, children, children == 1 ? "" : "es"));
    return;
  }
  const bool more_to_come = targets.all || !targets.names.empty() || !targets.cgroups.empty();
  say(fmt::format("{} process{}{}", processes, processes == 1 ? "" : "es", more_to_come ? ", and those that join" : ""));
}

void note_32_bit_calls(timeline::Document& document) {
  uint64_t calls = 0;
  for (const auto& [name, count] : document.ledger.sender.syscalls)
    if (name.ends_with("_32")) calls += count;
  if (calls) document.run.evidence.notes.push_back(message(Text::note_32_bit, calls));
}

}  // namespace

DetailWindow parse_detail(const std::string& text) {
  constexpr std::string_view kFirst = "first:";
  if (text == "all") return {};
  if (text == "none") return {.first_events = 0, .first_ns = {}};
  if (text.starts_with(kFirst)) {
    uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + kFirst.size(), end, count);
    if (error != std::errc{} || stopped != end) bad_detail(text);
    return {.first_events = count, .first_ns = {}};
  }
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const std::string_view unit(stopped, static_cast<size_t>(end - stopped));
  const double ns = unit == "s" ? 1e9 : unit == "ms" ? 1e6 : unit == "min" ? 6e10 : 0;
  if (error != std::errc{} || ns == 0 || !(number >= 0) || number * ns > 9e18) bad_detail(text);
  return {.first_events = {}, .first_ns = static_cast<uint64_t>(number * ns)};
}

struct ProgramTrace::State {
  TraceOptions options;
  Message weaker;
  std::optional<capture::Session> session;
  timeline::Flows flows;
  std::chrono::steady_clock::time_point taken;
  bool watches_processors = false;

  /// Empties the kernel's tables. Whoever asks oftener than once a second, for metrics say, takes the stacks as well.
  capture::FlowTable& take() {
    taken = std::chrono::steady_clock::now();
    capture::FlowTable& table = session->take_flows(false);
    session->take_stacks();
    return table;
  }
};

ProgramTrace::ProgramTrace(const TraceOptions& options, terminal::Progress& progress)
    : state_(std::make_unique<State>()) {
  state_->options = options;
  const DetailWindow detail = parse_detail(options.detail);
  progress.show(message(Text::stage_kernel));
  const auto& [symbols, features, kernel] = capture::running_kernel();
  capture::Options asked;
  asked.programs = true;
  asked.mode = best_mode(options.copies, kernel);
  asked.ring_bytes = static_cast<uint32_t>(options.ring_bytes);
  asked.stacks = options.stacks;
  asked.own_only = !confine::sees_others();
  state_->weaker = why_weaker(options.copies, asked.mode, kernel);
  progress.show(message(Text::stage_attaching));
  state_->session.emplace(asked, features);
  state_->session->keep_details(detail.first_events.value_or(kUnlimited), detail.first_ns.value_or(kUnlimited));
  state_->session->open_window();
  progress.clear();
}

ProgramTrace::~ProgramTrace() = default;

void ProgramTrace::follow_from_exec(pid_t pid, const std::string& program) {
  state_->session->follow_from_exec(pid, program);
}

namespace {

/// Follows whom `find` finds, until it finds nobody new: who is followed has his further children followed by the
/// kernel, one that was started before that is found by looking again.
template <class Find, class Follow>
void follow_until_none_is_new(std::set<pid_t>& followed, const Find& find, const Follow& follow) {
  for (bool found = true; found;) {
    found = false;
    for (const pid_t process : find()) {
      if (!followed.insert(process).second) continue;
      found = true;
      follow(process);
    }
  }
}

}  // namespace

void ProgramTrace::watch_processors() {
  if (!std::exchange(state_->watches_processors, true)) state_->session->watch_processors();
}

void ProgramTrace::follow(const Targets& targets) {
  capture::Session& session = *state_->session;
  watch_processors();
  std::set<pid_t> followed{getpid()};  // a shell's child, say, that traces the shell
  const auto follow_one = [&](pid_t process) { session.follow_running(process); };
  for (const Running& process : targets.processes)
    follow_until_none_is_new(
        followed,
        [&] {
          auto family = descendants_of(process.pid);
          family.push_back(process.pid);
          return family;
        },
        follow_one);
  for (const auto& name : targets.names) {
    session.follow_name(name);
    const auto called = [&] {
      std::vector<pid_t> family;
      for (const pid_t process : running_processes()) {
        if (name_of_process(process) != name) continue;
        family.push_back(process);
        const auto more = descendants_of(process);
        family.insert(family.end(), more.begin(), more.end());
      }
      return family;
    };
    follow_until_none_is_new(followed, called, follow_one);
  }
  for (const Cgroup& cgroup : targets.cgroups) session.follow_cgroup(cgroup);
  for (const Cgroup& cgroup : targets.cgroups)
    follow_until_none_is_new(
        followed, [&] { return processes_in(cgroup); }, [&](pid_t process) { session.follow_in_cgroup(process); });
  if (targets.all) {
    session.follow_all();
    follow_until_none_is_new(followed, running_processes, follow_one);
  }
  std::erase_if(followed, [&](pid_t process) {
    return process == getpid() || !is_running(process) || (session.options().own_only && !may_inspect(process));
  });
  say_who_is_followed(targets, followed.size());
}

void ProgramTrace::poll() {
  state_->session->poll(0);
  state_->session->watch_new_jvms();
  // Long before the kernel's tables are full, and otherwise seldom enough to cost nothing.
  const auto since = std::chrono::steady_clock::now() - state_->taken;
  if (since >= std::chrono::seconds(1) || state_->session->fills_quickly()) state_->take();
}

const timeline::Flows& ProgramTrace::flows() {
  state_->flows = state_->take().flows(state_->session->begin_ns());
  capture::add_flow_sums(*state_->session, state_->flows);
  return state_->flows;
}

timeline::EvidenceSet ProgramTrace::evidence() const {
  timeline::EvidenceSet evidence;
  evidence.disk = timeline::Evidence::exact;
  capture::judge_evidence(*state_->session, evidence);
  return evidence;
}

void ProgramTrace::finish(timeline::Document& document) {
  capture::Session& session = *state_->session;
  session.close_window();
  // What a CPU was counting just then is counted after a moment.
  const auto counted = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  session.take_off_tracepoints();
  std::this_thread::sleep_until(counted);
  timeline::Run& run = document.run;
  run.kernel = this_kernel();
  for (const capture::Probe& probe : session.attached())
    run.evidence.hooks.push_back({probe.target, capture::text_of(probe.kind), "unprovoked"});
  for (const capture::Probe& probe : session.missing())
    run.evidence.hooks.push_back({probe.target, capture::text_of(probe.kind), "missing"});
  if (!state_->weaker.empty()) run.evidence.notes.push_back(state_->weaker);
  run.evidence.disk = timeline::Evidence::exact;
  document.ledger.flows = session.take_flows(true).flows(session.begin_ns());
  capture::add_flow_sums(session, *document.ledger.flows);
  session.take_stacks();
  session.write_stacks(document.ledger);
  capture::collect(session, document);
  run.detail = capture::left_out(session, state_->options.detail);
  note_32_bit_calls(document);
  capture::note_unseen(*document.ledger.flows, run.evidence);
  note_surroundings(*document.ledger.flows, run.evidence);
  document.ledger.payload_bytes = timeline::passed_on(*document.ledger.flows).bytes;
  why::note_whys(document);
}

}  // namespace zctrace::record
