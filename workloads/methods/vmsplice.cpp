#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "workloads/methods/splice_steps.h"

namespace zctrace::workloads {
namespace {

class Vmsplice : public Prepared {
 public:
  explicit Vmsplice(const Job& job) : job_(job), bytes_(std::min(job.chunk, job.size)) {
    if (!is_pipe(job.sinks[0])) pipe_ = make_pipe(bytes_);
  }

  void transfer() override {
    // Not locked in memory as what was there before the transfer: such pages cannot be dropped.
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw system_error("taking memory");
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(job_.source, memory, wanted); });
      if (got < 0) throw system_error("reading the source");
      if (got == 0) throw source_shrank(done, job_.size);
      done += static_cast<uint64_t>(got);
      pass_on(static_cast<char*>(memory), static_cast<size_t>(got), done == job_.size);
      // Nothing tells when the pages are free: on loopback and veth the receiver's queue holds them long after they
      // were acknowledged. So they are left to those who hold them, and the buffer gets new ones.
      if (madvise(memory, bytes_, MADV_DONTNEED) < 0) throw system_error("dropping the pages that were lent");
    }
    munmap(memory, bytes_);
  }

 private:
  void pass_on(char* bytes, size_t left, bool last) {
    while (left > 0) {
      const iovec lent{bytes, left};
      const int pipe = pipe_.in ? pipe_.in.get() : job_.sinks[0];
      const ssize_t taken = uninterrupted([&] { return vmsplice(pipe, &lent, 1, 0); });
      if (taken < 0) throw system_error("vmsplice");
      bytes += taken;
      left -= static_cast<size_t>(taken);
      if (pipe_.in) pipe_to_sink(pipe_, job_.sinks[0], static_cast<uint64_t>(taken), last && left == 0);
    }
  }

  Job job_;
  uint64_t bytes_;
  Pipe pipe_;
};

const Registration vmsplice_registration({
    .name = "vmsplice",
    .summary = "read into a buffer, lend its pages to a pipe, pass them on to the socket, take new ones",
    .calls = "read, vmsplice, splice, madvise",
    .order = 55,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<Vmsplice>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
