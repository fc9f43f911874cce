#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "base/io.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

constexpr size_t kBuffers = 4;

/// Each call takes all the buffers.
class Vectored : public Prepared {
 public:
  explicit Vectored(const Job& job) : job_(job), chunk_(std::min(job.chunk, job.size)) {
    for (Buffer& buffer : buffers_) buffer = make_buffer(piece());
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      Segments into = segments(std::min(chunk_, job_.size - done));
      const ssize_t got =
          uninterrupted([&] { return preadv2(job_.source, into.at.data(), static_cast<int>(into.count), -1, 0); });
      if (got < 0) throw system_error("reading the source");
      if (got == 0) throw source_shrank(done, job_.size);
      write_all(segments(static_cast<size_t>(got)));
      done += static_cast<uint64_t>(got);
    }
  }

 private:
  struct Segments {
    std::array<iovec, kBuffers> at{};
    size_t count = 0;
  };

  size_t piece() const { return (chunk_ + kBuffers - 1) / kBuffers; }

  /// The first `bytes` of the buffers.
  Segments segments(size_t bytes) const {
    Segments made;
    for (; bytes > 0; ++made.count) {
      const size_t part = std::min<size_t>(piece(), bytes);
      made.at[made.count] = {buffers_[made.count].get(), part};
      bytes -= part;
    }
    return made;
  }

  void write_all(Segments left) const {
    iovec* next = left.at.data();
    iovec* const end = next + left.count;
    while (next < end) {
      const ssize_t taken = uninterrupted([&] { return writev(job_.sinks[0], next, static_cast<int>(end - next)); });
      if (taken < 0) throw system_error("sending to the sink");
      for (auto gone = static_cast<size_t>(taken); gone > 0;) {
        const size_t part = std::min(gone, next->iov_len);
        *next = {static_cast<char*>(next->iov_base) + part, next->iov_len - part};
        gone -= part;
        if (next->iov_len == 0) ++next;
      }
    }
  }

  Job job_;
  size_t chunk_;
  std::array<Buffer, kBuffers> buffers_;
};

const Registration preadv2_writev_registration({
    .name = "preadv2_writev",
    .summary = "read into four buffers by one call, write all four by one call",
    .calls = "preadv2, writev",
    .order = 12,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<Vectored>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
