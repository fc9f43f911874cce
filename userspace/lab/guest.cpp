#include "userspace/lab/guest.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <sstream>
#include <vector>

#include "base/io.h"
#include "base/process.h"
#include "userspace/lab/console.h"
#include "userspace/lab/counter.h"
#include "userspace/lab/disk.h"
#include "userspace/lab/emulator.h"
#include "userspace/lab/feed.h"
#include "userspace/lab/initramfs.h"
#include "userspace/lab/replies.h"
#include "userspace/lab/request.h"
#include "userspace/lab/snapshot.h"
#include "userspace/lab/vmlinux.h"

namespace zctrace::lab {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int tick_ms = 50;
/// Programs are loaded; once in a long while, so be patient with a busy machine.
constexpr std::chrono::seconds kPrepareLimit{240};

/// A boot that went wrong in a way that another try may cure.
struct BadBoot {
  std::string what;
};

/// A signal ended the guest.
struct Ended {
  int status;
};

/// One guest from its start to its end; the steps are boot() and run().
class Guest {
 public:
  /// `state`: of a booted guest to start from, or none. `snapshot`: where to keep this one's once it has booted; null:
  /// nowhere.
  Guest(const GuestRequest& request, const Machine& machine, Fd state, const Snapshot* snapshot)
      : request_(request),
        snapshot_(snapshot),
        disk_(make_disk(request.disk_bytes)),
        state_(std::move(state)),
        emulator_(machine, disk_, state_),
        feed_(request.in, emulator_.in()) {}

  double boot();
  void run(GuestResult& result);

 private:
  void turn();
  void read_ports();
  void take_reply(const Reply& reply);
  void send_pending();
  void take_signals();
  [[noreturn]] void fail(const std::string& headline) const;
  std::string headline(const std::string& otherwise) const;
  bool complete() const {
    return exit_status_ && out_bytes_ >= out_total_ && err_bytes_ >= err_total_ && data_bytes_ >= data_total_;
  }

  /// Throws where it takes longer.
  template <typename Reached>
  void wait_for(const Reached& reached, std::chrono::seconds limit);

  const GuestRequest& request_;
  const Snapshot* snapshot_;
  Fd disk_;
  Fd state_;
  Emulator emulator_;
  Feed feed_;
  Console console_;
  std::string complaints_;
  Replies replies_;      ///< of the control port
  std::string pending_;  ///< for the control port, not yet sent
  bool parked_ = false;  ///< devices found; waits for the word to go on
  bool prepared_ = false;
  bool booted_ = false;
  bool running_ = false;
  bool gone_ = false;  ///< QEMU has closed its end
  std::optional<int> exit_status_;
  int killed_by_ = 0;
  uint64_t out_bytes_ = 0, err_bytes_ = 0, data_bytes_ = 0;  ///< received
  uint64_t out_total_ = 0, err_total_ = 0, data_total_ = 0;  ///< sent, as the guest says at the end
  Clock::time_point room_checked_ = Clock::now();
};

void Guest::fail(const std::string& headline) const {
  throw GuestDied(ExitStatus::failed, headline + console_.telling_lines(),
                  "try again, or try another kernel (zctrace lab list)");
}

std::string Guest::headline(const std::string& otherwise) const {
  const std::string panic = console_.panic();
  return fmt::format("the guest's kernel {} {}", request_.kernel.release,
                     panic.empty() ? otherwise : "ended: " + panic);
}

/// Why QEMU ended, as it says; empty where it only warns, as it always does of a hub that no host is connected to.
std::string last_words(const std::string& complaints) {
  std::istringstream lines(complaints);
  for (std::string line; std::getline(lines, line);)
    if (line.find(": warning: ") == line.npos) return line;
  return {};
}

template <typename Reached>
void Guest::wait_for(const Reached& reached, std::chrono::seconds limit) {
  const Clock::time_point start = Clock::now();
  const auto waited = emulator_.kept_waiting();
  while (!reached()) {
    turn();
    if (gone_) {
      const std::string why = last_words(complaints_);
      if (console_.silent() && !why.empty()) throw Error(ExitStatus::failed, "QEMU did not start: " + why);
      throw BadBoot{headline("died while booting" + (why.empty() ? why : ": " + why)) + console_.telling_lines()};
    }
    // What a busy machine takes is not the guest's.
    if (Clock::now() - start - (emulator_.kept_waiting() - waited) > limit)
      throw BadBoot{headline(fmt::format("timed out after {} s while booting", limit.count())) +
                    console_.telling_lines()};
  }
}

/// To a parked guest: what the one whose state it started from, perhaps, does not know.
std::string word_to_go_on() {
  std::array<unsigned char, 32> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw system_error("drawing random bytes");
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  std::string line = fmt::format("go {} {} ", now.tv_sec, now.tv_nsec);
  for (const unsigned char byte : random) line += fmt::format("{:02x}", byte);
  return line + '\n';
}

double Guest::boot() {
  const Clock::time_point start = Clock::now();
  if (state_) {
    try {
      emulator_.monitor().wait_until_running();
    } catch (const Error& error) {
      throw BadBoot{error.what()};
    }
  } else {
    wait_for([this] { return parked_; }, request_.boot_limit);
    if (snapshot_ && !request_.prepare.empty()) {
      pending_ = "prepare\n" + encode_request(request_.prepare, "/", request_.environment);
      wait_for([this] { return prepared_; }, kPrepareLimit);
    }
    if (snapshot_) snapshot_->keep([this](int file) { emulator_.monitor().save(file); });
  }
  emulator_.plug_disk();
  pending_ = word_to_go_on();
  wait_for([this] { return booted_; }, request_.boot_limit);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Guest::run(GuestResult& result) {
  const Clock::time_point start = Clock::now();
  pending_ = encode_request(request_.command, request_.cwd, request_.environment);
  running_ = true;
  while (!complete()) {
    turn();
    if (gone_ && !complete()) fail(headline("died before the command finished"));
    if (request_.run_limit.count() > 0 && Clock::now() - start > request_.run_limit)
      fail(headline(fmt::format("was killed: the command timed out after {} s", request_.run_limit.count())));
  }
  result.exit_status = *exit_status_;
  result.killed_by = killed_by_;
}

/// Waits a moment for something to happen, and takes what has.
void Guest::turn() {
  std::array<pollfd, 7> polled = {{{emulator_.control(), POLLIN, 0},
                                   {emulator_.out(), POLLIN, 0},
                                   {emulator_.err(), POLLIN, 0},
                                   {emulator_.data(), POLLIN, 0},
                                   {emulator_.console(), POLLIN, 0},
                                   {emulator_.complaints(), POLLIN, 0},
                                   running_ ? feed_.wants() : pollfd{-1, 0, 0}}};
  if (!pending_.empty()) polled[0].events |= POLLOUT;
  if (poll(polled.data(), polled.size(), tick_ms) > 0) read_ports();
  if (!pending_.empty()) send_pending();
  if (running_) feed_.turn();
  take_signals();
  if (Clock::now() - room_checked_ > std::chrono::seconds(1)) {
    check_room(disk_);
    room_checked_ = Clock::now();
  }
}

/// All that is there now of one wire, up to a limit so that the others have their turn. False at its end.
template <typename Take>
bool read_some(int fd, const Take& take) {
  // Not an array: what is local to threads is taken off each thread's stack, and others' threads have small ones.
  static thread_local std::vector<char> bytes(256 << 10);
  pollfd polled{fd, POLLIN, 0};
  if (poll(&polled, 1, 0) <= 0) return true;
  const ssize_t got = read(fd, bytes.data(), bytes.size());
  if (got > 0) take(std::string_view(bytes.data(), static_cast<size_t>(got)));
  return got > 0 || (got < 0 && errno == EINTR);
}

void Guest::read_ports() {
  read_some(emulator_.console(), [this](std::string_view bytes) { console_.add(bytes); });
  read_some(emulator_.complaints(), [this](std::string_view bytes) {
    if (complaints_.size() < 4096) complaints_ += bytes;
  });
  const bool out = read_some(emulator_.out(), [this](std::string_view bytes) {
    out_bytes_ += bytes.size();
    if (request_.on_out) request_.on_out(bytes);
  });
  const bool err = read_some(emulator_.err(), [this](std::string_view bytes) {
    err_bytes_ += bytes.size();
    if (request_.on_err) request_.on_err(bytes);
  });
  const bool data = read_some(emulator_.data(), [this](std::string_view bytes) {
    data_bytes_ += bytes.size();
    if (request_.on_data) request_.on_data(bytes);
  });
  const bool control = read_some(emulator_.control(), [this](std::string_view bytes) {
    replies_.add(bytes, [this](const Reply& reply) { take_reply(reply); });
  });
  // Only once nothing is left anywhere: QEMU's last words come with its end.
  gone_ = !out && !err && !data && !control;
}

void Guest::take_reply(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::parked:
      parked_ = true;
      break;
    case Reply::Kind::prepared:
      prepared_ = true;
      break;
    case Reply::Kind::booted:
      booted_ = true;
      break;
    case Reply::Kind::cannot_go_on:
      fail("the guest cannot go on: " + reply.why);
    case Reply::Kind::ended:
      exit_status_ = reply.status;
      killed_by_ = reply.killed_by;
      out_total_ = reply.out_bytes;
      err_total_ = reply.err_bytes;
      data_total_ = reply.data_bytes;
  }
}

void Guest::send_pending() {
  const ssize_t sent = send(emulator_.control(), pending_.data(), pending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) pending_.erase(0, static_cast<size_t>(sent));
}

void Guest::take_signals() {
  if (!request_.next_signal) return;
  while (const auto signal = request_.next_signal()) {
    if (signal->number == SIGKILL) throw Ended{static_cast<int>(ExitStatus::interrupted)};
    if (!running_) throw Ended{128 + signal->number};
    pending_ += fmt::format("signal {}{}\n", signal->number, signal->whole_group ? " group" : "");
  }
}

}  // namespace

GuestResult run_guest(const GuestRequest& request) {
  const auto stage = [&request](Text name) {
    if (request.on_stage) request.on_stage(name);
  };
  Machine machine{.qemu = find_program("qemu-system-x86_64"),
                  .kernel = image_to_boot(request.kernel),
                  .initramfs = initramfs_for(request.kernel),
                  .memory_mib = request.memory_mib,
                  .append = request.append};
  const Snapshot snapshot(request.kernel, machine, request.prepare);
  const bool usual = request.append.empty() && request.memory_mib == kMemoryMib;
  GuestResult result;
  for (;;) {
    stage(result.booted_twice ? Text::stage_booting_again : Text::stage_booting);
    Fd state = usual ? snapshot.open() : Fd();
    const bool from_snapshot = static_cast<bool>(state);
    if (!from_snapshot) machine.counter_khz = counter_khz();  // the state's kernel was told
    try {
      Guest guest(request, machine, std::move(state), usual ? &snapshot : nullptr);
      result.boot_seconds = guest.boot();
      stage(Text::stage_running);
      guest.run(result);
      return result;
    } catch (const Ended& ended) {
      result.exit_status = ended.status;
      return result;
    } catch (const BadBoot& bad) {
      if (from_snapshot) {
        snapshot.discard();
        continue;
      }
      if (result.booted_twice) throw Error(ExitStatus::failed, bad.what, "try another kernel (zctrace lab list)");
      result.booted_twice = true;
    }
  }
}

}  // namespace zctrace::lab
