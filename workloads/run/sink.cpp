#include "workloads/run/sink.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/net/tcp.h"
#include "workloads/net/tls_record.h"
#include "workloads/run/gate.h"
#include "workloads/run/into_buffer.h"
#include "workloads/run/prepared_receiver.h"
#include "workloads/run/registry.h"
#include "workloads/run/throughput.h"

namespace zctrace::workloads {
namespace {

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

/// TLS records, into a buffer: what they hold is received.
class ReadRecords : public PreparedReceiver {
 public:
  explicit ReadRecords(const Reception& reception) : reception_(reception), buffer_(make_buffer(reception.chunk)) {}

  uint64_t receive() override {
    const uint64_t before = bytes_;
    while (bytes_ == before) {
      const ssize_t got = uninterrupted([&] { return read(reception_.connection, buffer_.get(), reception_.chunk); });
      if (got < 0) throw system_error("receiving");
      if (got == 0 && !opener_.is_between_records())
        throw Error(ExitStatus::failed, "the last TLS record is not whole");
      if (got == 0) break;
      opener_.add({reinterpret_cast<const uint8_t*>(buffer_.get()), static_cast<size_t>(got)},
                  [&](std::span<const uint8_t> bytes) {
                    bytes_ += bytes.size();
                    if (reception_.hashed) hasher_.add(bytes.data(), bytes.size());
                  });
    }
    return bytes_ - before;
  }
  std::vector<uint64_t> hashes() override { return hasher_.finish(); }
  uint64_t framing() const override { return opener_.framing(); }

 private:
  Reception reception_;
  Buffer buffer_;
  RecordOpener opener_;
  BlockHasher hasher_;
  uint64_t bytes_ = 0;  ///< that the records held
};

std::unique_ptr<PreparedReceiver> make_receiver(const SinkOptions& options, const Reception& reception) {
  const std::string& name = options.method;
  if (options.opens) return std::make_unique<ReadRecords>(reception);
  if (name.empty()) return std::make_unique<IntoBuffer>(reception, read, "receiving");
  const Method* method = find_method(name);
  if (!method || !method->receive)
    throw Error(ExitStatus::usage, "'" + name + "' is no method that receives in its own way");
  return method->receive(reception);
}

}  // namespace

void run_sink(const SinkOptions& options) {
  std::atomic<uint64_t>& counter = counter_in(options.counter);

  Fd connection = options.from.empty() ? accept_sender(options) : open_pipe(options.from);
  const std::unique_ptr<PreparedReceiver> receiver =
      make_receiver(options, {connection.get(), options.chunk, options.work_directory, !options.stays});
  say(options.report, fmt::format("{}\n", kAccepted));
  wait_at(options.report);

  const auto start = std::chrono::steady_clock::now();
  uint64_t bytes = 0;
  while (const uint64_t got = receiver->receive()) {
    bytes += got;
    counter.store(bytes, std::memory_order_relaxed);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  // Closed first: the sender's end shall not wait for whoever reads the report.
  connection.reset();

  if (options.report < 0) {
    say(-1, throughput_text(bytes, seconds.count()) + "\n");
    return;
  }
  // Before they are hashed: reading a file for that is no part of receiving it.
  say(options.report, fmt::format("{}\n", kReceived));
  if (options.stays) stay();
  const std::vector<uint64_t> hashes = receiver->hashes();
  say(options.report, fmt::format("{} {} {} {}\n", kEnd, bytes, hashes.size(), receiver->framing()));
  send_all(options.report, hashes.data(), hashes.size() * sizeof(uint64_t));
}

}  // namespace zctrace::workloads
