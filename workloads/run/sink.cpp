#include "workloads/run/sink.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <span>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/net/tcp.h"
#include "workloads/net/tls_record.h"
#include "workloads/run/gate.h"
#include "workloads/run/throughput.h"

namespace zctrace::workloads {
namespace {

constexpr size_t kBuffer = 256 * 1024;

void say(int report, const std::string& line) {
  if (report < 0) {
    fmt::print("{}", line);
    std::fflush(stdout);
  } else {
    send_all(report, line.data(), line.size());
  }
}

/// Shared with the parent, or our own where nobody counts along: no system call tells how far we are.
std::atomic<uint64_t>& counter_in(int fd) {
  const int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
  void* memory = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, flags | MAP_POPULATE, fd, 0);
  if (memory == MAP_FAILED) throw system_error("mapping the sink's counter");
  return *static_cast<std::atomic<uint64_t>*>(memory);
}

Fd accept_sender(const SinkOptions& options) {
  int port = 0;
  const Fd listener = listen_on(options.address, port);
  say(options.report, fmt::format("{} {}\n", kListening, port));
  return accept_one(listener);
}

Fd open_pipe(const std::string& name) {
  Fd pipe(open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!pipe) throw system_error("opening " + name);
  return pipe;
}

}  // namespace

void run_sink(const SinkOptions& options) {
  const Buffer buffer = make_buffer(kBuffer);
  BlockHasher hasher;
  std::atomic<uint64_t>& counter = counter_in(options.counter);
  std::optional<RecordOpener> opener;  // the library reads files of its own when it starts
  if (options.opens) opener.emplace();

  Fd connection = options.from.empty() ? accept_sender(options) : open_pipe(options.from);
  say(options.report, fmt::format("{}\n", kAccepted));
  wait_at(options.report);

  const auto receive = [&](std::span<const uint8_t> bytes) { hasher.add(bytes.data(), bytes.size()); };

  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    const ssize_t got = uninterrupted([&] { return read(connection.get(), buffer.get(), kBuffer); });
    if (got < 0) throw system_error("receiving");
    if (got == 0) break;
    const std::span arrived(reinterpret_cast<const uint8_t*>(buffer.get()), static_cast<size_t>(got));
    if (opener)
      opener->add(arrived, receive);
    else
      receive(arrived);
    counter.store(hasher.bytes(), std::memory_order_relaxed);
  }
  if (opener && !opener->is_between_records()) throw Error(ExitStatus::failed, "the last TLS record is not whole");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  // Closed first: the sender's end shall not wait for whoever reads the report.
  connection.reset();

  const std::vector<uint64_t>& hashes = hasher.finish();
  if (options.report < 0) {
    say(-1, throughput_text(hasher.bytes(), seconds.count()) + "\n");
    return;
  }
  say(options.report,
      fmt::format("{} {} {} {}\n", kEnd, hasher.bytes(), hashes.size(), opener ? opener->framing() : 0));
  send_all(options.report, hashes.data(), hashes.size() * sizeof(uint64_t));
}

}  // namespace zctrace::workloads
