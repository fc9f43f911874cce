#include <algorithm>

#include "base/io.h"
#include "workloads/methods/uring.h"

namespace zctrace::workloads {
namespace {

enum Tag : uint64_t { kRead, kSend };

/// Sends of io_uring may come short where the kernel is older than 5.19 (4c17a496a7a0): the rest is sent after it.
class UringReadSend : public Prepared {
 public:
  explicit UringReadSend(const Job& job)
      : job_(job), bytes_(std::min(job.chunk, job.size)), buffer_(make_buffer(bytes_)), ring_(4) {
    ring_.register_pieces(buffer_.get(), bytes_, 1);
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const uint64_t wanted = std::min(job_.chunk, job_.size - done);
      io_uring_sqe& read = ring_.add(kRead);
      io_uring_prep_read_fixed(&read, job_.source, buffer_.get(), static_cast<unsigned>(wanted), done, 0);
      read.flags |= IOSQE_IO_LINK;  // a read that comes short cancels the send
      add_send(0, wanted);
      ring_.submit_and_wait(2);
      uint64_t got = 0, sent = 0;
      for (int i = 0; i < 2; i++) {
        const Ring::Result result = ring_.wait();
        if (result.tag == kRead)
          got = moved_by(result, "reading the source");
        else
          sent = moved_by(result, "sending to the sink");
      }
      if (got == 0) throw source_shrank(done, job_.size);
      while (sent < got) {
        add_send(sent, got - sent);
        ring_.submit_and_wait(1);
        sent += moved_by(ring_.wait(), "sending to the sink");
      }
      done += got;
    }
  }

 private:
  void add_send(uint64_t from, uint64_t bytes) {
    io_uring_prep_send(&ring_.add(kSend), job_.sinks[0], buffer_.get() + from, bytes, MSG_WAITALL | MSG_NOSIGNAL);
  }

  Job job_;
  uint64_t bytes_;
  Buffer buffer_;
  Ring ring_;
};

const KernelNeed need{"io_uring", "5.6", [] { return missing_uring({IORING_OP_READ_FIXED, IORING_OP_SEND}); }};

const Registration uring_read_send_registration({
    .name = "uring_read_send",
    .summary = "io_uring: a read into a registered buffer with a send linked behind it",
    .calls = "io_uring_enter (READ_FIXED + SEND)",
    .order = 66,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<UringReadSend>(job); },
    .need = &need,
    .paths = to_network,
    .requests = true,
});

}  // namespace
}  // namespace zctrace::workloads
