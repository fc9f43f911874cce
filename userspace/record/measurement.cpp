#include "userspace/record/measurement.h"

#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/note.h"
#include "base/running.h"
#include "base/units.h"
#include "userspace/capture/capabilities.h"
#include "userspace/capture/collect.h"
#include "userspace/capture/evidence.h"
#include "userspace/record/capture_mode.h"
#include "userspace/record/hook_check.h"

namespace zctrace::record {

namespace {

using capture::CopyMode;
using workloads::Transfer;

/// Runs are skipped by chance: another program of ours, or a look into a map, was interrupted on that processor. On a
/// busy real-time kernel it happens in every third transfer.
constexpr unsigned kAttempts = 8;

timeline::Run describe(const MeasurementOptions& options, const workloads::Method& method,
                       const workloads::Source& source, const workloads::PathFacts& path) {
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
  if (method.receive) run.judged = timeline::Side::receiver;
  run.kernel_tls = method.seal == workloads::Seal::by_kernel;
  run.own_passes = method.own_passes;
  return run;
}

capture::Disk disk_of(const workloads::Source& source) {
  capture::Disk disk{source.disk.disk_major,  source.disk.disk_minor, source.disk.extents_known,
                     source.disk.last_sector, source.disk.beyond,     {},
                     {}};
  for (const auto& extent : source.disk.extents) disk.extents.emplace_back(extent.first_sector, extent.sectors);
  for (const auto& [extent, offset] : source.disk.parts)
    disk.parts.push_back({extent.first_sector, extent.sectors, offset});
  return disk;
}

/// The workloads know no table: they name the row, and say it in English.
Message message_of(const Note& note) {
  const auto row = text_named(note.id);
  if (!row || arguments_of(*row) != note.arguments.size()) return note.text;
  return Message::of_chosen(*row, {note.arguments.begin(), note.arguments.end()});
}

}  // namespace

void MeasurementOptions::hook_for(const workloads::Method& method) {
  requests |= method.requests;
  kernel_tls |= method.seal == workloads::Seal::by_kernel;
}

workloads::SourceOptions source_options(const MeasurementOptions& options) {
  workloads::SourceOptions source = options.source;
  source.copy = capture::in_lab();
  return source;
}

std::string path_of(const MeasurementOptions& options, const workloads::Method& method) {
  if (options.path != "auto") return options.path;
  const CopyMode mode = best_mode(options.copies, capture::running_kernel().capabilities);
  const std::string network = capture::in_lab() ? "nic" : "veth";
  return workloads::default_path(method, mode == CopyMode::inferred && geteuid() != 0 ? "loopback" : network);
}

void stop_if_interrupted() {
  if (InterruptGuard::count()) throw Error(ExitStatus::interrupted, "interrupted before the transfer began");
}

Measurement::Measurement(const MeasurementOptions& options, terminal::Progress& progress) : progress_(progress) {
  progress_.show(message(Text::stage_kernel));
  const auto& [symbols, features, kernel] = capture::running_kernel();
  mode_ = best_mode(options.copies, kernel);
  weaker_ = why_weaker(options.copies, mode_, kernel);
  capture::Options asked;
  asked.mode = mode_;
  asked.kernel_tls = options.kernel_tls;
  asked.requests = options.requests;
  asked.leave_out = options.leave_out;
  asked.ring_bytes = static_cast<uint32_t>(options.ring_bytes);
  progress_.show(message(Text::stage_attaching));
  session_.emplace(asked, features);
  progress_.show(message(Text::stage_self_test));
  hooks_ = self_test(*session_);
}

std::exception_ptr Measurement::run(const MeasurementOptions& options, const workloads::Method& method,
                                    timeline::Document& document) {
  for (unsigned attempt = 1;; ++attempt) {
    document = {};
    const std::exception_ptr failure = run_once(options, method, document);
    auto& notes = document.run.evidence.notes;
    const bool skipped = std::ranges::find(notes, Text::note_skipped, &Message::id) != notes.end();
    if (!failure && skipped && attempt < kAttempts) continue;
    if (attempt > 1) notes.push_back(message(Text::note_measured_again, attempt));
    return failure;
  }
}

std::exception_ptr Measurement::run_once(const MeasurementOptions& options, const workloads::Method& method,
                                         timeline::Document& document) {
  progress_.show(message(Text::stage_of, method.name, message(Text::stage_preparing)));
  const workloads::Source source = prepare_source(source_options(options));
  stop_if_interrupted();
  const auto path = workloads::make_path(path_of(options, method), options.offload);
  document.run = describe(options, method, source, path->facts());
  timeline::EvidenceSet& evidence = document.run.evidence;
  evidence.hooks = hooks_;
  const auto note = [&](Message found) { evidence.notes.push_back(std::move(found)); };
  if (!weaker_.empty()) note(weaker_);
  if (!source.resident_known) note(message(Text::note_residency_unknown));
  for (const timeline::Hook& hook : hooks_) {
    if (hook.state == "silent") note(message(Text::note_hook_silent, hook.name));
    if (hook.state == "unattributed") note(message(Text::note_hook_unattributed, hook.name));
  }

  session_->reset();
  const bool by_place = session_->set_disk(disk_of(source));
  session_->set_device(path->facts().device, path->facts().dma);
  const bool to_pipe = path->facts().kind == "pipe" || method.fills_pipe;
  session_->set_sink(to_pipe ? capture::Sink::pipe : capture::Sink::other);
  Transfer transfer(method, source, *path, options.chunk);
  const std::exception_ptr failure = record(transfer, document);
  for (const Note& found : transfer.notes()) note(message_of(found));
  const bool exact_disk = by_place || !source.disk.dma;
  evidence.disk = exact_disk ? timeline::Evidence::exact : timeline::Evidence::inferred;
  capture::collect(*session_, document);
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

std::exception_ptr Measurement::record(Transfer& transfer, timeline::Document& document) {
  std::exception_ptr failure;
  try {
    transfer.start();
    for (const pid_t pid : transfer.sink_pids()) session_->add_target(pid, ZC_RECEIVER, workloads::kSinkReportFd);
    const pid_t sender = transfer.sender_pid();
    session_->add_target(sender, ZC_SENDER, workloads::kSenderGateFd, threads_of(sender));
    transfer.release();
    const uint64_t expected = document.run.size * document.run.sinks;
    const Message label = message(Text::stage_of, document.run.method, format_size(document.run.size));
    while (transfer.poll(10) < Transfer::State::finished) {
      session_->poll(0);
      progress_.show(label, 100.0 * static_cast<double>(transfer.received_bytes()) / static_cast<double>(expected));
      if (InterruptGuard::count()) throw Interrupted{};
    }
    session_->close_window();
    progress_.show(message(Text::stage_of, document.run.method, message(Text::stage_verifying)));
    const workloads::TransferResult result = transfer.finish();
    document.ledger.payload_bytes = result.payload_bytes;
    document.ledger.received_bytes = result.received_bytes;
    document.ledger.framing_bytes = result.framing_bytes;
    if (!session_->begin_ns())
      throw Error(ExitStatus::failed, "the transfer was not observed: no system call of the sender was recorded",
                  "zctrace doctor");
  } catch (...) {
    failure = std::current_exception();
    transfer.stop();
    session_->close_window();
  }
  return failure;
}

}  // namespace zctrace::record
