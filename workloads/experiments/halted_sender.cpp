#include "workloads/experiments/halted_sender.h"

#include <fmt/core.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/io.h"
#include "workloads/net/tcp.h"
#include "workloads/run/gate.h"
#include "workloads/run/transfer.h"

namespace zctrace::workloads {
namespace {

using Clock = std::chrono::steady_clock;

const std::string kAddress = "127.0.0.1";
constexpr auto kPatience = std::chrono::seconds(20);
// The kernel acknowledges late at most; a sender that has not moved for so long is blocked.
constexpr auto kStill = std::chrono::milliseconds(300);
// Small, so that the kernel cannot take the whole payload off the sender's hands.
constexpr int kHaltedBuffer = 64 * 1024;

int port_of(int socket, decltype(getsockname) ask) {
  sockaddr_in place{};
  socklen_t length = sizeof(place);
  if (ask(socket, reinterpret_cast<sockaddr*>(&place), &length) < 0) throw system_error("asking for a port");
  return ntohs(place.sin_port);
}

/// Bytes that the peer's kernel holds for a connection whose other end is ours.
uint64_t peer_queue(int socket) {
  const unsigned ours = static_cast<unsigned>(port_of(socket, getsockname));
  const unsigned theirs = static_cast<unsigned>(port_of(socket, getpeername));
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    unsigned from = 0, to = 0, queued = 0;
    if (std::sscanf(line.c_str(), "%*s %*x:%x %*x:%x %*x %x:", &from, &to, &queued) == 3 && from == theirs &&
        to == ours) {
      return queued;
    }
  }
  throw Error(ExitStatus::failed, "the sender's connection is not in /proc/net/tcp");
}

uint64_t unread(int socket) {
  int bytes = 0;
  if (ioctl(socket, SIOCINQ, &bytes) < 0) throw system_error("asking what can be read");
  return static_cast<uint64_t>(bytes);
}

/// The system call in which a process sleeps; empty if it does not, or nobody tells.
std::string sleeping_in(pid_t pid) {
  const std::string text = read_text(fmt::format("/proc/{}/syscall", pid));
  long number = -1;
  if (std::sscanf(text.c_str(), "%ld", &number) != 1) return {};
  switch (number) {
    case SYS_write:
      return "write";
    case SYS_sendfile:
      return "sendfile";
    case SYS_splice:
      return "splice";
    default:
      return fmt::format("system call {}", number);
  }
}

bool sleeps(pid_t pid) {
  // "1234 (name) S ..."
  const std::string stat = read_text(fmt::format("/proc/{}/stat", pid));
  const size_t name_end = stat.rfind(") ");
  return name_end != stat.npos && stat.compare(name_end + 2, 1, "S") == 0;
}

}  // namespace

HaltedSender::HaltedSender(const Method& method, int source, std::span<const std::byte> content, uint64_t chunk)
    : content_(content), receivers_(method.sinks) {
  start(method, source, chunk);
  receive_until(content_.size() / 4);
  await_block();
}

void HaltedSender::start(const Method& method, int source, uint64_t chunk) {
  auto [gate, senders_end] = make_socket_pair();
  gate_ = std::move(gate);
  ChildOptions options{
      .command = {workload_program(), method.name, "--source", fmt::format("/proc/self/fd/{}", kSenderSourceFd),
                  "--size", std::to_string(content_.size()), "--chunk", std::to_string(chunk), "--gate",
                  std::to_string(kSenderGateFd)},
      .fds = {{senders_end.get(), kSenderGateFd}, {source, kSenderSourceFd}},
  };
  for (Receiver& receiver : receivers_) {
    receiver.listener = listen_on(kAddress, receiver.port);
    setsockopt(receiver.listener.get(), SOL_SOCKET, SO_RCVBUF, &kHaltedBuffer, sizeof(kHaltedBuffer));
    options.command.insert(options.command.end(), {"--to", fmt::format("{}:{}", kAddress, receiver.port)});
  }
  child_ = std::make_unique<Child>(options);
  for (Receiver& receiver : receivers_) {
    await_readable(receiver.listener.get(), "to connect");
    receiver.connection = accept_one(receiver.listener);
  }
  await_readable(gate_.get(), "to be ready");
  char letter = 0;
  if (read(gate_.get(), &letter, 1) != 1 || letter != kReady) check_alive();
  send_letter(gate_.get(), 'G');
}

void HaltedSender::check_alive() {
  if (child_->error_fd() >= 0) child_->read_errors();
  if (!child_->ended() || child_->succeeded()) return;
  const std::string& line = child_->error_line();
  throw Error(ExitStatus::failed, "the sender failed: " + (line.empty() ? child_->end_text() : line), child_->hint());
}

void HaltedSender::await_readable(int fd, const char* what) {
  for (const auto deadline = Clock::now() + kPatience;;) {
    pollfd readable{fd, POLLIN, 0};
    if (poll(&readable, 1, 50) > 0) return;
    check_alive();
    if (Clock::now() > deadline)
      throw Error(ExitStatus::failed,
                  fmt::format("timed out after {} s waiting for the sender {}", kPatience.count(), what));
  }
}

uint64_t HaltedSender::received_bytes() const {
  uint64_t bytes = 0;
  for (const Receiver& receiver : receivers_) bytes += receiver.received;
  return bytes;
}

void HaltedSender::receive_until(uint64_t limit) {
  std::vector<std::byte> piece(256 * 1024);
  for (auto deadline = Clock::now() + kPatience;;) {
    std::vector<pollfd> wanting;
    for (const Receiver& receiver : receivers_) {
      if (receiver.received < limit) wanting.push_back({receiver.connection.get(), POLLIN, 0});
    }
    if (wanting.empty()) return;
    if (poll(wanting.data(), wanting.size(), 50) <= 0) {
      check_alive();
      if (Clock::now() > deadline) throw Error(ExitStatus::failed, "timed out after 20 s without data from the sender");
      continue;
    }
    deadline = Clock::now() + kPatience;
    for (Receiver& receiver : receivers_) {
      const size_t room = std::min<uint64_t>(piece.size(), limit - receiver.received);
      const ssize_t got = recv(receiver.connection.get(), piece.data(), room, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got < 0) throw system_error("receiving");
      if (got == 0 && room > 0) throw Error(ExitStatus::failed, "the sender closed the connection too early");
      if (std::memcmp(piece.data(), &content_[receiver.received], static_cast<size_t>(got)) != 0) {
        throw Error(ExitStatus::failed, fmt::format("received data differs after byte {}", receiver.received));
      }
      receiver.received += static_cast<uint64_t>(got);
    }
  }
}

void HaltedSender::await_block() {
  const auto deadline = Clock::now() + kPatience;
  auto still_since = Clock::now();
  for (uint64_t before = 0;;) {
    queued_ = 0;
    for (const Receiver& receiver : receivers_) {
      queued_ += unread(receiver.connection.get()) + peer_queue(receiver.connection.get());
    }
    const auto now = Clock::now();
    blocked_in_ = sleeping_in(pid());
    if (queued_ != before || !sleeps(pid())) still_since = now;
    before = queued_;
    if (now - still_since > kStill) break;
    check_alive();
    if (now > deadline) throw Error(ExitStatus::failed, "the sender did not block although nothing is being received");
    poll(nullptr, 0, 20);
  }
  pollfd through{gate_.get(), POLLIN, 0};
  if (poll(&through, 1, 0) > 0) {
    throw Error(ExitStatus::failed, "the kernel accepted the whole payload although nothing is being received");
  }
}

void HaltedSender::finish() {
  receive_until(content_.size());
  for (Receiver& receiver : receivers_) {
    await_readable(receiver.connection.get(), "to end");
    char more;
    if (read(receiver.connection.get(), &more, 1) != 0) throw Error(ExitStatus::failed, "more arrived than was sent");
    receiver.connection.reset();
  }
  await_readable(child_->pid_fd(), "to exit");
  check_alive();
}

}  // namespace zctrace::workloads
