#include "userspace/export/prometheus/prometheus.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "userspace/confine/privileges.h"
#include "userspace/export/prometheus/metrics.h"

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
  std::mutex mutex;
  std::vector<prometheus::MetricFamily> metrics;  ///< guarded by it
  httplib::Server server;
  std::thread thread;

  std::string text() {
    const std::lock_guard lock(mutex);
    return text_of(metrics);
  }
};

PrometheusServer::PrometheusServer(const PrometheusPlace& place) : state_(std::make_unique<State>()) {
  const auto where = fmt::format("{}:{}", place.address, place.port);
  httplib::Server& server = state_->server;
  server.Get("/metrics", [state = state_.get()](const httplib::Request&, httplib::Response& response) {
    response.set_content(state->text(), "text/plain; version=0.0.4");
  });
  // Who connects and says nothing must not hold up others, nor us at the end.
  server.new_task_queue = [] { return new httplib::ThreadPool(32); };
  server.set_keep_alive_max_count(1);
  server.set_read_timeout(1);
  server.set_write_timeout(1);
  server.set_payload_max_length(0);
  // The library's own lets a second zctrace listen on the same port.
  server.set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  const bool six = place.address.starts_with('[');
  const std::string host = six ? place.address.substr(1, place.address.size() - 2) : place.address;
  const int port = place.port == 0                         ? server.bind_to_any_port(host)
                   : server.bind_to_port(host, place.port) ? place.port
                                                           : -1;
  if (port < 0)
    throw Error(ExitStatus::failed,
                "cannot listen on " + where + ": " + why_not_listen(*socket_address(place.address, place.port)),
                "choose another port with --prometheus");
  const SignalsBlocked blocked;
  state_->thread = std::thread([&server] {
    confine::confine_server();  // with the threads that it starts
    server.listen_after_bind();
  });
  // Before it runs, stop() has no effect.
  while (!server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  url_ = fmt::format("http://{}:{}/metrics", place.address, port);
}

PrometheusServer::~PrometheusServer() {
  state_->server.stop();
  state_->thread.join();
}

void PrometheusServer::set(std::vector<prometheus::MetricFamily> metrics) {
  const std::lock_guard lock(state_->mutex);
  state_->metrics = std::move(metrics);
}

}  // namespace zctrace::exports
