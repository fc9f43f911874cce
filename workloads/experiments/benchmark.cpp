#include "workloads/experiments/benchmark.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <sstream>

#include "base/io.h"
#include "workloads/net/namespaces.h"
#include "workloads/net/tcp.h"
#include "workloads/run/gate.h"
#include "workloads/run/sink_report.h"
#include "workloads/run/transfer.h"

namespace zctrace::workloads {
namespace {

uint64_t now_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

double seconds(uint64_t ns) { return static_cast<double>(ns) / 1e9; }

/// Idle, waiting for a disk, or taken away by a hypervisor; in ns, of all CPUs together.
uint64_t not_busy_ns(const std::string& stat) {
  // "cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ..."
  std::istringstream line(stat);
  std::string name;
  uint64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0;
  line >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq >> stolen;
  static const uint64_t tick = 1'000'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return (idle + waiting + stolen) * tick;
}

uint64_t retransmits(const Fd& connection) {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(connection.get(), IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
    throw system_error("asking for TCP_INFO");
  return info.tcpi_total_retrans;
}

}  // namespace

uint64_t busy_ns(const std::string& before, const std::string& after, uint64_t elapsed, unsigned cpus) {
  const uint64_t total = elapsed * cpus, idle = not_busy_ns(after) - not_busy_ns(before);
  return idle < total ? total - idle : 0;
}

const Method& method_of(const char* name) {
  if (const Method* method = find_method(name)) return *method;
  throw Error(ExitStatus::failed, fmt::format("this build has no method {}", name));
}

void at_the_senders_end(const Path& path, const std::function<void()>& work) {
  if (path.sender_netns() < 0) {
    work();
  } else {
    in_namespace(path.sender_netns(), work);
  }
}

Receiver::Receiver(const Path& path, int receive_buffer) : path_(path) {
  auto [report, theirs] = make_socket_pair();
  report_ = std::move(report);
  process_ = std::make_unique<Child>(ChildOptions{
      .command = {workload_program(), "discard", "--listen", path.sink_address(), "--receive-buffer",
                  std::to_string(receive_buffer), "--report", std::to_string(kSinkReportFd)},
      .netns = path.sink_netns(),
      .fds = {{theirs.get(), kSinkReportFd}},
  });
  SinkReport sink;
  while (sink.port() == 0) {
    char piece[64];
    pollfd readable{report_.get(), POLLIN, 0};
    const bool ready = poll(&readable, 1, 20000) > 0;
    const ssize_t got = ready ? uninterrupted([&] { return read(report_.get(), piece, sizeof(piece)); }) : 0;
    if (got <= 0) {
      process_->read_errors();
      throw Error(ExitStatus::failed, "the receiver did not start: " + process_->error_line());
    }
    sink.add({piece, static_cast<size_t>(got)});
  }
  target_ = fmt::format("{}:{}", path.sink_address(), sink.port());
}

Sample Receiver::run(const Method& method, int source, uint64_t size, uint64_t chunk, uint64_t times) {
  Fd connection;
  at_the_senders_end(path_, [&] { connection = connect_to(target_); });
  const std::unique_ptr<Prepared> prepared = method.prepare({source, size, chunk, {connection.get()}});

  static const unsigned cpus = static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN));
  const std::string stat = read_text("/proc/stat");
  // This thread is all of the sender. The process's clock would count the last moments of a thread that is gone, too:
  // the one that made the connection.
  const uint64_t start = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
  for (uint64_t i = 0; i < times; ++i) {
    lseek(source, 0, SEEK_SET);
    prepared->transfer();
  }
  // The receiver closes when it has taken everything: to wait for that costs one call, and nothing is polled.
  end_connections({connection.get()});
  const uint64_t spent = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu, elapsed = now_ns(CLOCK_MONOTONIC) - start;
  const uint64_t busy = busy_ns(stat, read_text("/proc/stat"), elapsed, cpus);

  char more;
  if (recv(connection.get(), &more, 1, MSG_DONTWAIT) != 0) {
    throw Error(ExitStatus::failed, "the receiver did not receive everything that was sent");
  }
  return {elapsed / times, spent / times, busy / times, retransmits(connection)};
}

void run_discard(const DiscardOptions& options) {
  int port = 0;
  const Fd listener = listen_on(options.address, port);
  if (options.receive_buffer > 0) {
    setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(options.receive_buffer));
  }
  const std::string line = fmt::format("{} {}\n", kListening, port);
  send_all(options.report, line.data(), line.size());
  for (;;) {
    const Fd connection = accept_one(listener);
    // With MSG_TRUNC TCP hands out nothing: the bytes are taken off the queue where they lie.
    constexpr size_t most = 64U << 20;
    while (uninterrupted([&] { return recv(connection.get(), nullptr, most, MSG_TRUNC); }) > 0) continue;
  }
}

Benchmark::Benchmark(Receiver& receiver, std::vector<Variant> variants, uint64_t size, uint64_t chunk)
    : receiver_(receiver), variants_(std::move(variants)), size_(size), chunk_(chunk) {}

Sample Benchmark::run(Variant& variant, int source) {
  variant.make_ready();
  return receiver_.run(*variant.method, source, size_, chunk_, variant.transfers);
}

void Benchmark::warm_up(int source, double sample_seconds) {
  round_seconds_ = 0;
  for (Variant& variant : variants_) {
    double took = 0;
    const auto lasts_long_enough = [&] {
      const uint64_t start = now_ns(CLOCK_MONOTONIC);
      const bool long_enough = seconds(run(variant, source).elapsed * variant.transfers) >= sample_seconds;
      took = seconds(now_ns(CLOCK_MONOTONIC) - start);
      return long_enough;
    };
    // Twice in a row: a machine that was busy elsewhere for a moment makes any sample long, once.
    while (!lasts_long_enough() || !lasts_long_enough()) variant.transfers *= 2;
    round_seconds_ += took;
  }
}

void Benchmark::round(int source) {
  const uint64_t start = now_ns(CLOCK_MONOTONIC);
  std::vector<Variant*> order;
  for (Variant& variant : variants_) order.push_back(&variant);
  if (rounds() % 2 == 1) std::reverse(order.begin(), order.end());
  for (Variant* variant : order) variant->samples.push_back(run(*variant, source));
  round_seconds_ = seconds(now_ns(CLOCK_MONOTONIC) - start);
}

}  // namespace zctrace::workloads
