#include <algorithm>

#include "base/io.h"
#include "workloads/methods/loops.h"

namespace zctrace::workloads {
namespace {

class ReadWrite : public Prepared {
 public:
  explicit ReadWrite(const Job& job) : job_(job), buffer_(make_buffer(std::min(job.chunk, job.size))) {}

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(job_.source, buffer_.get(), wanted); });
      if (got < 0) throw system_error("reading the source");
      if (got == 0) throw source_shrank(done, job_.size);
      send_all(job_.sinks[0], buffer_.get(), static_cast<size_t>(got));
      done += static_cast<uint64_t>(got);
    }
  }

 private:
  Job job_;
  Buffer buffer_;
};

}  // namespace

std::unique_ptr<Prepared> make_read_write(const Job& job) { return std::make_unique<ReadWrite>(job); }

namespace {

const Registration read_write_registration({
    .name = "read_write",
    .summary = "read into a buffer, write the buffer to the socket",
    .calls = "read, write",
    .order = 10,
    .sinks = 1,
    .prepare = make_read_write,
});

}  // namespace
}  // namespace zctrace::workloads
