#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "userspace/capture/capabilities.h"
#include "userspace/capture/collect.h"
#include "userspace/capture/evidence.h"
#include "userspace/commands/deliver.h"
#include "userspace/commands/interrupt.h"
#include "userspace/commands/output_file.h"
#include "userspace/commands/progress.h"
#include "userspace/commands/run.h"
#include "userspace/commands/self_test.h"
#include "userspace/error.h"
#include "userspace/language/texts.h"
#include "userspace/timeline/check.h"
#include "userspace/timeline/json_write.h"
#include "userspace/timeline/names.h"
#include "userspace/units.h"
#include "workloads/transfer.h"

namespace zctrace::commands {

namespace {

using capture::CopyMode;
using workloads::Transfer;

struct Interrupted {};

void stop_if_interrupted() {
  if (InterruptGuard::count()) throw Error(ExitStatus::interrupted, "interrupted before the transfer began");
}

/// The best that this kernel gives, at most what was asked for.
CopyMode best_mode(CopyMode asked, const capture::Capabilities& kernel) {
  if (!kernel.can_trace())
    throw Error(ExitStatus::not_permitted, "this user or kernel may not trace: " + kernel.tracepoints,
                "run it as root (sudo), or in the lab, which needs no root: zctrace run ... --kernel 6.12");
  if (asked == CopyMode::exact && kernel.can_count_exactly()) return CopyMode::exact;
  return kernel.can_sum() ? CopyMode::fast : CopyMode::inferred;
}

std::string why_weaker(CopyMode asked, CopyMode mode, const capture::Capabilities& kernel) {
  if (mode == CopyMode::inferred)
    return say(Language::english, Text::note_tracepoints_only, kernel.fentry, kernel.breakpoints);
  if (mode != asked) return say(Language::english, Text::note_no_breakpoints, kernel.breakpoints);
  return "";
}

std::string where(CopyMode mode) {
  const std::string path = in_lab() ? "nic" : "veth";
  return mode == CopyMode::inferred && geteuid() != 0 ? "loopback" : path;
}

timeline::Kernel this_kernel() {
  utsname name;
  uname(&name);
  return {name.release, in_lab() ? "lab" : "host", name.machine};
}

timeline::Run describe(const RunOptions& options, const workloads::Method& method, const workloads::Source& source,
                       const workloads::PathFacts& path) {
  timeline::Run run;
  run.method = method.name;
  run.command = options.command;
  run.size = source.size;
  run.chunk = options.chunk;
  run.cache = source.cache == workloads::Cache::cold ? "cold" : "warm";
  run.kernel = this_kernel();
  run.source = {source.file, source.disk.device, source.disk.filesystem, source.disk.dma, source.resident_bytes};
  run.path = {path.kind, path.device, path.driver, path.dma, path.scatter_gather, path.tx_checksum, path.tso};
  run.sinks = method.sinks;
  return run;
}

/// Prepares, runs and records one transfer.
class Measurement {
 public:
  Measurement(capture::Session& session, const RunOptions& options, const std::string& path_kind,
              const std::vector<timeline::Hook>& hooks, Progress& progress)
      : session_(session), options_(options), path_kind_(path_kind), hooks_(hooks), progress_(progress) {}

  /// Fills the document. Returns what went wrong, if anything did; the document then covers what came before.
  std::exception_ptr run(const workloads::Method& method, const std::string& weaker, timeline::Document& document) {
    progress_.show(std::string(method.name) + ": preparing the file");
    workloads::SourceOptions wanted = options_.source;
    wanted.copy = in_lab();  // the host's files come over a wire there, not from a disk
    const workloads::Source source = prepare_source(wanted);
    stop_if_interrupted();
    const auto path = workloads::make_path(path_kind_, options_.offload);
    document.run = describe(options_, method, source, path->facts());
    timeline::EvidenceSet& evidence = document.run.evidence;
    evidence.hooks = hooks_;
    // English in the document: whoever shows them translates them.
    const auto note = [&](Text text, const auto&... arguments) {
      evidence.notes.push_back(say(Language::english, text, arguments...));
    };
    if (!weaker.empty()) evidence.notes.push_back(weaker);
    if (!source.resident_known) note(Text::note_residency_unknown);
    for (const timeline::Hook& hook : hooks_) {
      if (hook.state == "silent") note(Text::note_hook_silent, hook.name);
      if (hook.state == "unattributed") note(Text::note_hook_unattributed, hook.name);
    }

    session_.reset();
    const bool told_by_place = session_.set_disk(disk_of(source));
    session_.set_device(path->facts().device, path->facts().dma);
    session_.set_sink(path->facts().kind == "pipe" ? capture::Sink::pipe : capture::Sink::other);
    Transfer transfer(method, source, *path, options_.chunk);
    const std::exception_ptr failure = record(transfer, document);
    for (const std::string& said : transfer.notes()) evidence.notes.push_back(said);
    const bool exact_disk = told_by_place || !source.disk.dma;
    evidence.disk = exact_disk ? timeline::Evidence::exact : timeline::Evidence::inferred;
    capture::collect(session_, document);
    if (!failure && source.resident_known) capture::doubt_the_unseen(document.ledger, document.run);
    if (failure) {
      document.run.complete = false;
      document.ledger.received_bytes = transfer.received_bytes();
      const bool sent = workloads::is_network(path->facts().kind);
      const auto& ledger = document.ledger;
      document.ledger.payload_bytes = (sent ? ledger.transmit.payload_bytes : ledger.received_bytes) / method.sinks;
    }
    return failure;
  }

 private:
  static capture::Disk disk_of(const workloads::Source& source) {
    capture::Disk disk{source.disk.disk_major, source.disk.disk_minor, source.disk.extents_known, {}};
    for (const auto& extent : source.disk.extents) disk.extents.emplace_back(extent.first_sector, extent.sectors);
    return disk;
  }

  std::exception_ptr record(Transfer& transfer, timeline::Document& document) {
    std::exception_ptr failure;
    try {
      transfer.start();
      for (const pid_t pid : transfer.sink_pids()) session_.add_target(pid, ZC_RECEIVER, workloads::kSinkReportFd);
      session_.add_target(transfer.sender_pid(), ZC_SENDER, workloads::kSenderGateFd);
      transfer.release();
      const uint64_t expected = document.run.size * document.run.sinks;
      const std::string label = document.run.method + ": " + format_size(document.run.size);
      while (transfer.poll(10) < Transfer::State::finished) {
        session_.poll(0);
        progress_.show(label, 100.0 * static_cast<double>(transfer.received_bytes()) / static_cast<double>(expected));
        if (InterruptGuard::count()) throw Interrupted{};
      }
      session_.close_window();
      progress_.show(document.run.method + ": verifying");
      const workloads::TransferResult result = transfer.finish();
      document.ledger.payload_bytes = result.payload_bytes;
      document.ledger.received_bytes = result.received_bytes;
      if (!session_.begin_ns())
        throw Error(ExitStatus::failed, "the transfer went by unseen: no system call of the sender's was recorded",
                    "zctrace doctor");
    } catch (...) {
      failure = std::current_exception();
      transfer.stop();
      session_.close_window();
    }
    return failure;
  }

  capture::Session& session_;
  const RunOptions& options_;
  std::string path_kind_;
  const std::vector<timeline::Hook>& hooks_;
  Progress& progress_;
};

/// For a guest, which ends with the run: a child that holds the programs' descriptors until then. Detaching them takes
/// some two seconds of the kernel's grace periods there, for nothing.
void keep_attached() {
  if (fork() != 0) return;
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  for (;;) pause();
}

/// What cannot be written is still shown.
void deliver(const RunOptions& options, const timeline::Document& document, ReportPage& page) {
  std::exception_ptr unwritten;
  if (const std::string path = output_path(options, document.run.method); !path.empty()) {
    try {
      OutputFile file(path);
      timeline::write_document(file.stream(), document);
      file.commit();
    } catch (const Error& error) {
      const bool named = std::string(error.what()).find(path) != std::string::npos;
      unwritten = named ? std::current_exception()
                        : std::make_exception_ptr(Error(error.status, "cannot write " + path + ": " + error.what(),
                                                        "choose another place with -o"));
    }
  }
  if (page.wanted()) {
    auto copy = std::make_unique<OutputFile>("");
    timeline::write_document(copy->stream(), document);
    page.add(std::move(copy));
  }
  if (options.json) timeline::write_document(stdout, document);
  show(options, document.run, document.ledger);
  if (unwritten) std::rethrow_exception(unwritten);
}

/// Two counts of each copy, and the timeline against the ledger: a disagreement fails the run, after it is delivered.
void fail_on_disagreement(const timeline::Document& document) {
  const timeline::Run& run = document.run;
  for (const timeline::CrossCheck& row : run.evidence.cross_check) {
    if (row.agree()) continue;
    const auto count = [](uint64_t bytes, const std::string& function) {
      return format_count(bytes) + " bytes at " + (function.empty() ? "no hook" : function);
    };
    throw Error(ExitStatus::failed,
                "the two counts of copies disagree (" + run.method + ", " + std::string(text(row.side)) + ", " +
                    std::string(text(row.from)) + " to " + std::string(text(row.to)) + "): " +
                    count(row.breakpoint_bytes, row.by_breakpoint) + ", " + count(row.ftrace_bytes, row.by_ftrace),
                "neither is shown as measured; zctrace doctor tells what this kernel lets us see");
  }
  if (const std::vector<std::string> problems = timeline::check(document); !problems.empty())
    throw Error(ExitStatus::failed, "timeline and ledger disagree (" + run.method + "): " + problems.front(),
                "please report it with the document (-o FILE.json)");
}

}  // namespace

void run_here(const RunOptions& options, ReportPage& page) {
  Progress progress(options.progress_lines ? Progress::Form::lines : Progress::Form::terminal);
  const InterruptGuard guard;
  progress.show("looking at the kernel");
  const auto& [symbols, kernel] = capture::running_kernel();
  const CopyMode mode = best_mode(options.copies, kernel);
  const std::string path_kind = options.path == "auto" ? where(mode) : options.path;

  capture::Options asked;
  asked.mode = mode;
  asked.leave_out = options.leave_out;
  asked.ring_bytes = static_cast<uint32_t>(options.ring_bytes);
  progress.show("attaching");
  capture::Session session(asked, symbols);
  if (options.progress_lines && in_lab()) keep_attached();
  progress.show("self-test of the hooks");
  const std::vector<timeline::Hook> hooks = self_test(session);

  stop_if_interrupted();
  Measurement measurement(session, options, path_kind, hooks, progress);
  const std::string weaker = why_weaker(options.copies, mode, kernel);
  for (const std::string& name : options.methods) {
    timeline::Document document;
    const std::exception_ptr failure = measurement.run(*workloads::find_method(name), weaker, document);
    progress.clear();
    deliver(options, document, page);
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const Interrupted&) {
      throw Error(ExitStatus::interrupted, "interrupted: the figures cover what happened until then");
    }
    fail_on_disagreement(document);
  }
}

}  // namespace zctrace::commands
