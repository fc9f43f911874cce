#include <unistd.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/methods/direct_source.h"

namespace zctrace::workloads {
namespace {

class DirectIo : public Prepared {
 public:
  explicit DirectIo(const Job& job)
      : job_(job), source_(job), buffer_(make_buffer(source_.buffer_bytes(), source_.buffer_alignment())) {
    notes = source_.notes;
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      // The last request asks for whole blocks too; the file's end, or we, cut off the rest.
      const uint64_t left = std::min(source_.chunk, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(source_.fd.get(), buffer_.get(), source_.round_up(left)); });
      if (got < 0) throw system_error("reading the source with O_DIRECT");
      const uint64_t usable = std::min(static_cast<uint64_t>(got), left);
      if (usable == 0) throw source_shrank(done, job_.size);
      if (usable < left) source_.check_short(done + usable);
      send_all(job_.sinks[0], buffer_.get(), usable);
      done += usable;
    }
  }

 private:
  Job job_;
  DirectSource source_;
  Buffer buffer_;
};

const Registration direct_io_registration({
    .name = "direct_io",
    .summary = "read into a user buffer, bypassing the page cache, then write",
    .calls = "read (O_DIRECT), write",
    .order = 60,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<DirectIo>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
