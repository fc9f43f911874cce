#include "userspace/export/prometheus/prometheus.h"

#include <CivetServer.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace zctrace::exports {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr const char* kForms = "--prometheus PORT, ADDRESS:PORT or FILE.prom";

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

uint16_t parse_port(const std::string& text) {
  uint16_t port = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), port);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size())
    throw Error(ExitStatus::usage, "not a port: '" + text + "'", kForms);
  return port;
}

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

/// Nothing where `address` is no number of IPv4, nor one of IPv6 in brackets.
std::optional<SocketAddress> socket_address(const std::string& address, uint16_t port) {
  SocketAddress socket;
  auto* four = reinterpret_cast<sockaddr_in*>(&socket.bytes);
  if (inet_pton(AF_INET, address.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    socket.size = sizeof *four;
    return socket;
  }
  auto* six = reinterpret_cast<sockaddr_in6*>(&socket.bytes);
  if (!address.starts_with('[') || !address.ends_with(']')) return {};
  if (inet_pton(AF_INET6, address.substr(1, address.size() - 2).c_str(), &six->sin6_addr) != 1) return {};
  six->sin6_family = AF_INET6;
  six->sin6_port = htons(port);
  socket.size = sizeof *six;
  return socket;
}

/// The library does not tell why it cannot listen.
std::string why_not_listen(const SocketAddress& socket) {
  const int fd = ::socket(socket.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return strerror(errno);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&socket.bytes), socket.size) == 0 && listen(fd, 1) == 0;
  const std::string why = bound ? "the server did not start" : strerror(errno);
  close(fd);
  return why;
}

/// The server's threads are to leave signals to the one that waits for them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

PrometheusPlace parse_prometheus(const std::string& text) {
  if (text.empty()) throw Error(ExitStatus::usage, "--prometheus: empty value", kForms);
  if (is_number(text)) return {"", kLoopback, parse_port(text)};
  const auto colon = text.rfind(':');
  if (text.find('/') != text.npos || colon == text.npos || !is_number(text.substr(colon + 1))) return {text, "", 0};
  auto address = text.substr(0, colon);
  if (address == "localhost") address = kLoopback;
  const auto port = parse_port(text.substr(colon + 1));
  if (!socket_address(address, port))
    throw Error(ExitStatus::usage, "--prometheus: not an address: '" + address + "'",
                "use 127.0.0.1, 0.0.0.0 (all interfaces) or [::1]; ./NAME writes to a file of that name");
  return {"", address, port};
}

struct PrometheusServer::State {
  struct Latest : prometheus::Collectable {
    std::vector<prometheus::MetricFamily> Collect() const override {
      const std::lock_guard lock(mutex);
      return metrics;
    }
    mutable std::mutex mutex;
    std::vector<prometheus::MetricFamily> metrics;
  };
  std::shared_ptr<Latest> latest = std::make_shared<Latest>();
  std::unique_ptr<prometheus::Exposer> exposer;
};

PrometheusServer::PrometheusServer(const PrometheusPlace& place) : state_(std::make_unique<State>()) {
  const auto where = fmt::format("{}:{}", place.address, place.port);
  const SignalsBlocked blocked;
  try {
    // Who connects and says nothing must not hold us up at the end.
    state_->exposer = std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", where, "num_threads", "2", "request_timeout_ms", "1000", "linger_timeout_ms", "0"});
  } catch (const CivetException&) {
    throw Error(ExitStatus::failed,
                "cannot listen on " + where + ": " + why_not_listen(*socket_address(place.address, place.port)),
                "choose another port with --prometheus");
  }
  state_->exposer->RegisterCollectable(state_->latest);
  url_ = fmt::format("http://{}:{}/metrics", place.address, state_->exposer->GetListeningPorts().at(0));
}

PrometheusServer::~PrometheusServer() = default;

void PrometheusServer::set(std::vector<prometheus::MetricFamily> metrics) {
  const std::lock_guard lock(state_->latest->mutex);
  state_->latest->metrics = std::move(metrics);
}

}  // namespace zctrace::exports
