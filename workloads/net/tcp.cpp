#include "workloads/net/tcp.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

Fd tcp_socket() {
  Fd made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made) throw system_error("opening a TCP socket");
  return made;
}

sockaddr_in endpoint(const std::string& address, int port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &made.sin_addr) != 1) {
    throw Error(ExitStatus::usage, fmt::format("'{}' is not an IPv4 address", address), "127.0.0.1");
  }
  return made;
}

}  // namespace

Fd listen_on(const std::string& address, int& port) {
  Fd listener = tcp_socket();
  sockaddr_in place = endpoint(address, 0);
  socklen_t length = sizeof(place);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&place), length) < 0 || listen(listener.get(), 1) < 0 ||
      getsockname(listener.get(), reinterpret_cast<sockaddr*>(&place), &length) < 0) {
    throw system_error("listening on " + address);
  }
  port = ntohs(place.sin_port);
  return listener;
}

Fd accept_one(const Fd& listener) {
  Fd made(uninterrupted([&] { return accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC); }));
  if (!made) throw system_error("accepting the sender");
  return made;
}

Fd connect_to(const std::string& target) {
  const size_t colon = target.rfind(':');
  int port = 0;
  if (colon != target.npos) std::from_chars(&target[colon] + 1, target.data() + target.size(), port);
  if (port < 1 || port > 65535) {
    throw Error(ExitStatus::usage, fmt::format("'{}' is not ADDRESS:PORT", target), "--to 127.0.0.1:4000");
  }
  const sockaddr_in place = endpoint(target.substr(0, colon), port);
  Fd made = tcp_socket();
  if (connect(made.get(), reinterpret_cast<const sockaddr*>(&place), sizeof(place)) < 0) {
    throw system_error("connecting to " + target);
  }
  return made;
}

SocketPair tcp_pair() {
  int port = 0;
  const Fd listener = listen_on("127.0.0.1", port);
  SocketPair pair;
  pair.one = connect_to(fmt::format("127.0.0.1:{}", port));
  pair.other = accept_one(listener);
  return pair;
}

void wait_until_acknowledged(const std::vector<int>& sockets) {
  constexpr timespec pause{0, 100000};
  constexpr auto patience = std::chrono::seconds(30);
  for (const int socket : sockets) {
    auto moved = std::chrono::steady_clock::now();
    for (int before = -1;;) {
      int queued = 0;
      if (ioctl(socket, SIOCOUTQ, &queued) < 0) throw system_error("asking for the send queue");
      if (queued == 0) break;
      // Asked for nothing, ppoll only tells of a broken connection, and is the pause as well.
      pollfd broken{socket, 0, 0};
      if (ppoll(&broken, 1, &pause, nullptr) > 0) {
        throw Error(ExitStatus::failed, fmt::format("the sink closed the connection with {} bytes in flight", queued));
      }
      const auto now = std::chrono::steady_clock::now();
      if (queued != before) moved = now;
      before = queued;
      if (now - moved > patience) {
        throw Error(ExitStatus::failed,
                    fmt::format("the sink received nothing for 30 s; {} bytes are in flight", queued));
      }
    }
  }
}

void end_connections(const std::vector<int>& sockets) {
  for (const int socket : sockets) shutdown(socket, SHUT_WR);
  for (const int socket : sockets) {
    pollfd ended{socket, POLLIN, 0};
    poll(&ended, 1, 30000);
  }
}

}  // namespace zctrace::workloads
