#include "workloads/run/transfer.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/io.h"
#include "base/parts.h"
#include "workloads/file/hashes.h"

namespace zctrace::workloads {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStartLimit = std::chrono::seconds(60);
constexpr auto kJavaStartLimit = std::chrono::seconds(180);  // a busy machine that emulates another
constexpr auto kStallLimit = std::chrono::seconds(120);
constexpr auto kLastWords = std::chrono::seconds(2);

/// "the sink died (signal 9)" or the line it printed.
std::string reason(const Child& child, const char* who) {
  constexpr std::string_view name = "zctrace-workload: ";
  std::string line = child.error_line();
  if (line.starts_with(name)) line.erase(0, name.size());
  if (!line.empty() && !child.killed()) return fmt::format("the {} failed: {}", who, line);
  return fmt::format("the {} died ({})", who, child.end_text());
}

}  // namespace

std::string workload_program() { return part("zctrace-workload"); }

Transfer::Transfer(const Method& method, const Source& source, const Path& path, uint64_t chunk, std::string executable,
                   Ends ends)
    : method_(method), source_(source), path_(path), chunk_(chunk), executable_(std::move(executable)), ends_(ends) {
  if (chunk_ == 0) throw Error(ExitStatus::usage, "cannot transfer chunks of 0 bytes", "use --chunk 1 or more");
  if (const auto unfit = unfit_for(method, path.facts().kind))
    throw Error(ExitStatus::usage, fmt::format("{}: {}", method.name, unfit->why), unfit->hint);
  if (executable_.empty()) executable_ = workload_program();
}

Transfer::~Transfer() { stop(); }

void Transfer::start() {
  for (unsigned i = 0; i < method_.sinks; ++i) {
    sinks_.push_back(std::make_unique<ReceivingEnd>(method_, path_, source_, chunk_, executable_, ends_ == Ends::stay));
  }
  await([&] { return std::all_of(sinks_.begin(), sinks_.end(), [](auto& sink) { return sink->listens(); }); },
        "the sinks to listen");
  start_sender();
  await([&] { return std::all_of(sinks_.begin(), sinks_.end(), [](auto& sink) { return sink->accepted(); }); },
        "the sinks to accept");
  await([&] { return ready_; }, "the sender to be ready");
  sender_->read_errors();  // its notes
}

void Transfer::start_sender() {
  auto [gate, senders_end] = make_socket_pair();
  gate_ = std::move(gate);
  ChildOptions options{
      .command = {executable_, method_.name, "--source", fmt::format("/proc/self/fd/{}", kSenderSourceFd), "--size",
                  std::to_string(source_.size), "--chunk", std::to_string(chunk_), "--gate",
                  std::to_string(kSenderGateFd)},
      .netns = path_.sender_netns(),
      .fds = {{senders_end.get(), kSenderGateFd}, {source_.fd.get(), kSenderSourceFd}},
  };
  if (ends_ == Ends::stay) options.command.emplace_back("--stay");
  for (int number = kSenderTargetFd; const auto& sink : sinks_) {
    options.command.push_back("--to");
    options.command.push_back(sink->address(number));
    if (sink->inherited() >= 0) options.fds.emplace_back(sink->inherited(), number++);
  }
  sender_ = std::make_unique<Child>(options);
  for (const auto& sink : sinks_) sink->hand_over();
}

template <typename Condition>
void Transfer::await(Condition reached, const char* what) {
  const auto limit = method_.java ? kJavaStartLimit : kStartLimit;
  const auto deadline = Clock::now() + limit;
  while (!reached()) {
    if (state_ == State::failed) throw_failure();
    if (Clock::now() > deadline) {
      stop();
      throw Error(ExitStatus::failed, fmt::format("timed out after {} s waiting for {}", limit.count(), what));
    }
    pump(100);
  }
}

std::vector<pid_t> Transfer::sink_pids() const {
  std::vector<pid_t> pids;
  for (const auto& sink : sinks_)
    if (sink->reader()) pids.push_back(sink->reader()->pid());
  return pids;
}

void Transfer::release() {
  released_ = true;
  last_progress_ = Clock::now();
  for (const auto& sink : sinks_) sink->release();
  for (const auto& sink : sinks_) sink->await_reading();
  // MSG_NOSIGNAL: a child that is dead already is found out by poll().
  send(gate_.get(), "G", 1, MSG_NOSIGNAL);
}

Transfer::State Transfer::poll(int timeout_ms) {
  if (state_ < State::finished) {
    pump(timeout_ms);
    note_progress();
  }
  return state_;
}

void Transfer::pump(int timeout_ms) {
  std::vector<pollfd> watched;
  const auto watch = [&](int fd) {
    if (fd >= 0) watched.push_back({fd, POLLIN, 0});
  };
  for (auto& sink : sinks_) watch(sink->report_fd());
  if (sender_) watch(gate_.get());
  for (Child* child : children()) {
    watch(child->error_fd());
    if (!child->reaped()) watch(child->pid_fd());
  }
  ::poll(watched.data(), watched.size(), timeout_ms);  // a signal or the time's end leaves all marks unset

  const auto readable = [&](int fd) {
    return std::any_of(watched.begin(), watched.end(),
                       [&](const pollfd& entry) { return entry.fd == fd && entry.revents != 0; });
  };
  bool broken = false;
  for (auto& sink : sinks_)
    if (sink->report_fd() >= 0 && readable(sink->report_fd())) sink->read_report();
  if (gate_ && readable(gate_.get())) read_gate();
  for (Child* child : children()) {
    if (child->error_fd() >= 0 && readable(child->error_fd())) child->read_errors();
    if (child->ended() && !child->succeeded()) broken = true;
  }
  if (broken) {
    state_ = State::failed;
  } else if (state_ == State::drained && all_ended() &&
             std::none_of(sinks_.begin(), sinks_.end(), [](auto& sink) { return sink->report_fd() >= 0; })) {
    state_ = State::finished;
  }
}

void Transfer::read_gate() {
  char letters[8];
  const ssize_t got = uninterrupted([&] { return read(gate_.get(), letters, sizeof(letters)); });
  if (got <= 0) gate_.reset();
  for (ssize_t i = 0; i < got; ++i) {
    if (letters[i] == kReady) ready_ = true;
    if (letters[i] == kTransferred) state_ = State::draining;
    if (letters[i] == kQueueEmpty) state_ = State::drained;
  }
}

std::vector<Child*> Transfer::children() const {
  std::vector<Child*> all;
  for (auto& sink : sinks_)
    if (sink->reader()) all.push_back(sink->reader());
  if (sender_) all.push_back(sender_.get());
  return all;
}

bool Transfer::all_ended() const {
  bool ended = true;
  for (Child* child : children()) ended = child->ended() && ended;
  return ended;
}

bool Transfer::arrived() {
  if (state_ == State::failed) throw_failure();
  return state_ >= State::drained &&
         std::ranges::all_of(sinks_, [&](auto& sink) { return sink->received_bytes() >= source_.size; });
}

uint64_t Transfer::received_bytes() const {
  uint64_t bytes = 0;
  for (const auto& sink : sinks_) bytes += sink->received_bytes();
  return bytes;
}

void Transfer::note_progress() {
  const uint64_t received = received_bytes();
  const auto now = Clock::now();
  if (received != last_received_) last_progress_ = now;
  last_received_ = received;
  if (released_ && state_ < State::finished && now - last_progress_ > kStallLimit) {
    stalled_ = true;
    state_ = State::failed;
  }
}

void Transfer::stop() {
  stopped_ = stopped_ || state_ < State::finished;
  if (state_ != State::finished) state_ = State::failed;
  if (sender_) sender_->kill_and_reap();
  for (Child* child : children()) child->kill_and_reap();
}

void Transfer::throw_failure() {
  if (stopped_) throw Error(ExitStatus::failed, "the transfer was stopped");
  if (stalled_) {
    const std::string text = fmt::format("no byte arrived for two minutes, after {} bytes", received_bytes());
    stop();
    throw Error(ExitStatus::failed, text);
  }
  // One death brings about the others; which came first shows only when all are through.
  for (const auto deadline = Clock::now() + kLastWords; !all_ended() && Clock::now() < deadline;) pump(50);
  const Child* cause = nullptr;
  std::string what;
  for (auto& sink : sinks_) {
    Child* reader = sink->reader();
    if (cause == nullptr && reader && reader->ended() && !reader->succeeded()) {
      cause = reader;
      what = fmt::format("{} after {} bytes", reason(*cause, "sink"), sink->received_bytes());
    }
  }
  if (cause == nullptr && sender_ && sender_->ended() && !sender_->succeeded()) {
    cause = sender_.get();
    what = reason(*cause, "sender");
  }
  stop();
  throw Error(ExitStatus::failed, cause == nullptr ? "the transfer failed" : what,
              cause == nullptr ? std::string() : cause->hint());
}

TransferResult Transfer::finish() {
  while (state_ < State::finished) poll(100);
  if (state_ == State::failed) throw_failure();

  const std::vector<uint64_t> expected = hash_file(source_.fd.get(), source_.size);
  TransferResult result{source_.size, 0, 0, true};
  for (const auto& sink : sinks_) {
    if (!sink->complete()) throw Error(ExitStatus::failed, "the sink exited without a complete report");
    const uint64_t bytes = sink->received_bytes();
    if (bytes != source_.size) {
      throw Error(ExitStatus::failed, fmt::format("the sink received {} of {} bytes", bytes, source_.size));
    }
    if (const auto offset = first_difference(expected, sink->hashes())) {
      throw Error(ExitStatus::failed,
                  fmt::format("received data differs from the file within the 64 KiB at byte {}", *offset),
                  "if something writes to the file, transfer a copy of it");
    }
    result.received_bytes += bytes;
    result.framing_bytes += sink->framing_bytes();
  }
  return result;
}

}  // namespace zctrace::workloads
