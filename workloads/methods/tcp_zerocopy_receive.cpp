#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/methods/splice_steps.h"
#include "workloads/run/prepared_receiver.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

constexpr uint64_t kPage = 4096;

/// Sends what can be mapped where the sender's pages come to the receiver as they are (loopback, veth): whole pages of
/// their own. Those of a file the kernel refuses to map (577e4432f3ac, Linux 6.8 and stable ones), and what write()
/// fills lies in groups of pages, which it refuses too; those that a pipe was written into are neither.
class FreshPages : public Prepared {
 public:
  explicit FreshPages(const Job& job) : job_(job), pipe_(make_pipe(std::min(job.chunk, job.size))) {
    const int room = fcntl(pipe_.in.get(), F_GETPIPE_SZ);
    if (room < 0) throw system_error("asking for a pipe's size");
    piece_ = std::min({job.chunk, job.size, static_cast<uint64_t>(room)});
    buffer_ = make_buffer(piece_);
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(piece_, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(job_.source, buffer_.get(), wanted); });
      if (got < 0) throw system_error("reading the source");
      if (got == 0) throw source_shrank(done, job_.size);
      const auto bytes = static_cast<uint64_t>(got);
      done += bytes;
      send_all(pipe_.in.get(), buffer_.get(), bytes);
      pipe_to_sink(pipe_, job_.sinks[0], bytes, done == job_.size);
    }
  }

 private:
  Job job_;
  Pipe pipe_;
  uint64_t piece_ = 0;
  Buffer buffer_;
};

/// Maps whole pages and reads the rest, as the kernel says at each call how much of either comes next.
class TcpZerocopyReceive : public PreparedReceiver {
 public:
  explicit TcpZerocopyReceive(const Reception& reception)
      : reception_(reception),
        mapped_bytes_((reception.chunk + kPage - 1) / kPage * kPage),
        buffer_(make_buffer(mapped_bytes_)) {
    mapping_ = mmap(nullptr, mapped_bytes_, PROT_READ, MAP_SHARED, reception.connection, 0);
    if (mapping_ == MAP_FAILED) throw system_error("mapping the socket");
  }
  ~TcpZerocopyReceive() override { munmap(mapping_, mapped_bytes_); }
  TcpZerocopyReceive(const TcpZerocopyReceive&) = delete;
  TcpZerocopyReceive& operator=(const TcpZerocopyReceive&) = delete;

  uint64_t receive() override {
    for (;;) {
      tcp_zerocopy_receive asked{};
      asked.address = reinterpret_cast<uintptr_t>(mapping_);
      asked.length = static_cast<uint32_t>(mapped_bytes_);
      socklen_t size = sizeof(asked);
      if (getsockopt(reception_.connection, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &asked, &size) < 0) {
        if (errno == EIO) return 0;  // nothing is left, and the sender has ended
        throw system_error("TCP_ZEROCOPY_RECEIVE");
      }
      // The pages stay until the next call takes them out of the mapping.
      if (reception_.hashed) hasher_.add(mapping_, asked.length);
      const uint64_t bytes = asked.length + copied(std::min<uint64_t>(asked.recv_skip_hint, mapped_bytes_));
      if (bytes > 0) return bytes;
      pollfd waiting{reception_.connection, POLLIN, 0};
      if (uninterrupted([&] { return poll(&waiting, 1, -1); }) < 0) throw system_error("waiting for the sender");
    }
  }
  std::vector<uint64_t> hashes() override { return hasher_.finish(); }

 private:
  uint64_t copied(uint64_t bytes) {
    if (bytes == 0) return 0;
    const ssize_t got = uninterrupted([&] { return read(reception_.connection, buffer_.get(), bytes); });
    if (got < 0) throw system_error("receiving");
    if (reception_.hashed) hasher_.add(buffer_.get(), static_cast<size_t>(got));
    return static_cast<uint64_t>(got);
  }

  Reception reception_;
  uint64_t mapped_bytes_;
  Buffer buffer_;
  void* mapping_;
  BlockHasher hasher_;
};

const Registration tcp_zerocopy_receive_registration({
    .name = "tcp_zerocopy_receive",
    .summary = "map the socket's pages into the receiver, copy the rest (judged: the receiver)",
    .calls = "read, write, splice; getsockopt, read",
    .order = 92,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<FreshPages>(job); },
    .paths = to_network,
    .fills_pipe = true,
    .receive = [](const Reception& reception) -> std::unique_ptr<PreparedReceiver> {
      return std::make_unique<TcpZerocopyReceive>(reception);
    },
});

}  // namespace
}  // namespace zctrace::workloads
