#include "workloads/transfer.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>

#include "workloads/hashes.h"
#include "workloads/io.h"

namespace zctrace::workloads {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStartLimit = std::chrono::seconds(60);
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

std::string workload_program() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string found = own.parent_path() / "zctrace-workload";
  if (error || access(found.c_str(), X_OK) != 0) {
    throw Error(ExitStatus::failed, "zctrace-workload is not beside the running program",
                "cmake --build build --target zctrace-workload");
  }
  return found;
}

struct Transfer::Sink {
  Fd report_fd;
  std::atomic<uint64_t>* counter = nullptr;  ///< written by the sink
  std::unique_ptr<Child> child;
  SinkReport report;

  ~Sink() {
    if (counter != nullptr) munmap(counter, sizeof(*counter));
  }

  void read_report() {
    char piece[65536];
    const ssize_t got = uninterrupted([&] { return read(report_fd.get(), piece, sizeof(piece)); });
    if (got > 0) report.add({piece, static_cast<size_t>(got)});
    if (got <= 0) report_fd.reset();
  }
};

Transfer::Transfer(const Method& method, const Source& source, const Path& path, uint64_t chunk, std::string executable)
    : method_(method), source_(source), path_(path), chunk_(chunk), executable_(std::move(executable)) {
  if (chunk_ == 0) throw Error(ExitStatus::usage, "a chunk of 0 bytes moves nothing", "--chunk 1 or more");
  if (executable_.empty()) executable_ = workload_program();
}

Transfer::~Transfer() { stop(); }

void Transfer::start() {
  for (unsigned i = 0; i < method_.sinks; ++i) start_sink();
  await([&] { return std::all_of(sinks_.begin(), sinks_.end(), [](auto& sink) { return sink->report.port() != 0; }); },
        "the sinks to listen");
  start_sender();
  await([&] { return std::all_of(sinks_.begin(), sinks_.end(), [](auto& sink) { return sink->report.accepted(); }); },
        "the sinks to accept");
  await([&] { return ready_; }, "the sender to be ready");
  sender_->read_errors();  // its notes
}

void Transfer::start_sink() {
  auto sink = std::make_unique<Sink>();
  const Fd memory(memfd_create("zctrace-sink-counter", MFD_CLOEXEC));
  int report[2];
  if (!memory || ftruncate(memory.get(), sizeof(uint64_t)) < 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, report) < 0) {
    throw system_error("starting a sink");
  }
  sink->report_fd.reset(report[0]);
  const Fd write_end(report[1]);
  void* shared = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (shared == MAP_FAILED) throw system_error("starting a sink");
  sink->counter = static_cast<std::atomic<uint64_t>*>(shared);
  sink->child = std::make_unique<Child>(ChildOptions{
      .command = {executable_, "sink", "--listen", path_.sink_address(), "--report", std::to_string(kSinkReportFd),
                  "--counter", std::to_string(kSinkCounterFd)},
      .netns = path_.sink_netns(),
      .fds = {{write_end.get(), kSinkReportFd}, {memory.get(), kSinkCounterFd}},
  });
  sinks_.push_back(std::move(sink));
}

void Transfer::start_sender() {
  int gate[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) < 0) throw system_error("making the gate");
  gate_.reset(gate[0]);
  const Fd senders_end(gate[1]);
  ChildOptions options{
      .command = {executable_, method_.name, "--source", fmt::format("/proc/self/fd/{}", kSenderSourceFd), "--size",
                  std::to_string(source_.size), "--chunk", std::to_string(chunk_), "--gate",
                  std::to_string(kSenderGateFd)},
      .netns = path_.sender_netns(),
      .fds = {{senders_end.get(), kSenderGateFd}, {source_.fd.get(), kSenderSourceFd}},
  };
  for (const auto& sink : sinks_) {
    options.command.push_back("--to");
    options.command.push_back(fmt::format("{}:{}", path_.sink_address(), sink->report.port()));
  }
  sender_ = std::make_unique<Child>(options);
}

template <typename Condition>
void Transfer::await(Condition reached, const char* what) {
  const auto deadline = Clock::now() + kStartLimit;
  while (!reached()) {
    if (state_ == State::failed) throw_failure();
    if (Clock::now() > deadline) {
      stop();
      throw Error(ExitStatus::failed, fmt::format("waited a minute in vain for {}", what));
    }
    pump(100);
  }
}

std::vector<pid_t> Transfer::sink_pids() const {
  std::vector<pid_t> pids;
  for (const auto& sink : sinks_) pids.push_back(sink->child->pid());
  return pids;
}

void Transfer::release() {
  released_ = true;
  last_progress_ = Clock::now();
  // MSG_NOSIGNAL: a child that is dead already is found out by poll().
  for (const auto& sink : sinks_) send(sink->report_fd.get(), "G", 1, MSG_NOSIGNAL);
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
  const auto watch_child = [&](Child& child) {
    watch(child.error_fd());
    if (!child.reaped()) watch(child.pid_fd());
  };
  for (auto& sink : sinks_) {
    watch(sink->report_fd.get());
    watch_child(*sink->child);
  }
  if (sender_) {
    watch(gate_.get());
    watch_child(*sender_);
  }
  ::poll(watched.data(), watched.size(), timeout_ms);  // a signal or the time's end leaves all marks unset

  const auto readable = [&](int fd) {
    return std::any_of(watched.begin(), watched.end(),
                       [&](const pollfd& entry) { return entry.fd == fd && entry.revents != 0; });
  };
  bool broken = false;
  const auto look_after = [&](Child& child) {
    if (child.error_fd() >= 0 && readable(child.error_fd())) child.read_errors();
    if (child.ended() && !child.succeeded()) broken = true;
  };
  for (auto& sink : sinks_) {
    if (sink->report_fd && readable(sink->report_fd.get())) sink->read_report();
    look_after(*sink->child);
  }
  if (sender_) {
    if (gate_ && readable(gate_.get())) read_gate();
    look_after(*sender_);
  }
  if (broken) {
    state_ = State::failed;
  } else if (state_ == State::drained && all_ended() &&
             std::none_of(sinks_.begin(), sinks_.end(), [](auto& sink) { return bool(sink->report_fd); })) {
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

bool Transfer::all_ended() {
  bool ended = !sender_ || sender_->ended();
  for (auto& sink : sinks_) ended = sink->child->ended() && ended;
  return ended;
}

uint64_t Transfer::received_bytes() const {
  uint64_t bytes = 0;
  for (const auto& sink : sinks_) bytes += sink->counter->load(std::memory_order_relaxed);
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
  for (auto& sink : sinks_) sink->child->kill_and_reap();
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
    if (cause == nullptr && sink->child->ended() && !sink->child->succeeded()) {
      cause = sink->child.get();
      const std::string received = std::to_string(sink->counter->load(std::memory_order_relaxed));
      what = fmt::format("{} after {} bytes", reason(*cause, "sink"), received);
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
  TransferResult result{source_.size, 0, true};
  for (const auto& sink : sinks_) {
    if (!sink->report.complete()) throw Error(ExitStatus::failed, "the sink ended without a whole report");
    const uint64_t bytes = sink->report.bytes();
    if (bytes != source_.size) {
      throw Error(ExitStatus::failed, fmt::format("the sink received {} of {} bytes", bytes, source_.size));
    }
    if (const auto offset = first_difference(expected, sink->report.hashes())) {
      throw Error(ExitStatus::failed,
                  fmt::format("what arrived differs from the file in the 64 KiB from byte {} on", *offset),
                  "if something writes to the file, transfer a copy of it");
    }
    result.received_bytes += bytes;
  }
  return result;
}

}  // namespace zctrace::workloads
