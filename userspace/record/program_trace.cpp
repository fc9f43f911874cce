#include "userspace/record/program_trace.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <limits>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/units.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/collect.h"
#include "userspace/capture/evidence.h"
#include "userspace/record/capture_mode.h"
#include "userspace/record/surroundings.h"

namespace zctrace::record {

namespace {

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

[[noreturn]] void bad_detail(const std::string& text) {
  throw Error(ExitStatus::usage, "--detail takes a time (2s, 500ms), first:COUNT, all or none, not '" + text + "'");
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

void ProgramTrace::follow_running(const Running& process) {
  capture::Session& session = *state_->session;
  session.watch_processors();
  session.follow_running(process.pid);
  // Whoever is followed has his further children followed by the kernel. One that was started before that is found
  // by looking again, until nobody is new.
  std::set<pid_t> children{getpid()};  // a shell's child, say, that traces the shell
  for (bool found = true; found;) {
    found = false;
    for (const pid_t child : descendants_of(process.pid)) {
      if (!children.insert(child).second) continue;
      found = true;
      session.follow_running(child);
    }
  }
  std::erase_if(children, [](pid_t child) { return child == getpid() || !is_running(child); });
  if (children.empty()) return;
  fmt::print(stderr, "zctrace: following {} ({}) and {} child process{}\n", process.name, process.pid, children.size(),
             children.size() == 1 ? "" : "es");
}

void ProgramTrace::poll() {
  state_->session->poll(0);
  state_->session->watch_new_jvms();
  // Long before the kernel's tables are full, and seldom enough to cost nothing.
  const auto now = std::chrono::steady_clock::now();
  if (now - state_->taken < std::chrono::seconds(1)) return;
  state_->taken = now;
  state_->session->take_flows(false);
  state_->session->take_stacks();
}

const timeline::Flows& ProgramTrace::flows() {
  state_->flows = state_->session->take_flows(false).flows(state_->session->begin_ns());
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
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
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
}

}  // namespace zctrace::record
