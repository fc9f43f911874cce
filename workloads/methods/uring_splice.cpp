#include <fcntl.h>

#include <algorithm>

#include "workloads/methods/splice_steps.h"
#include "workloads/methods/uring.h"

namespace zctrace::workloads {
namespace {

enum Tag : uint64_t { kIn, kOut };

class UringSplice : public Prepared {
 public:
  explicit UringSplice(const Job& job) : job_(job), ring_(4) {
    if (!is_pipe(job.sinks[0])) pipe_ = make_pipe(std::min(job.chunk, job.size));
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const uint64_t wanted = std::min(job_.chunk, job_.size - done);
      io_uring_sqe& in = ring_.add(kIn);
      // A sink that is a pipe itself needs no other.
      const int pipe = pipe_.in ? pipe_.in.get() : job_.sinks[0];
      io_uring_prep_splice(&in, job_.source, static_cast<int64_t>(done), pipe, -1, static_cast<unsigned>(wanted),
                           SPLICE_F_MOVE);
      if (pipe_.in) {
        in.flags |= IOSQE_IO_LINK;  // where the pipe takes less, this is cancelled
        add_out(wanted, done + wanted == job_.size);
      }
      const unsigned results = pipe_.in ? 2 : 1;
      ring_.submit_and_wait(results);
      uint64_t got = 0, out = 0;
      for (unsigned i = 0; i < results; i++) {
        const Ring::Result result = ring_.wait();
        if (result.tag == kIn)
          got = moved_by(result, "splice from the source");
        else
          out = moved_by(result, "splice to the sink");
      }
      if (got == 0) throw source_shrank(done, job_.size);
      done += got;
      for (; pipe_.in && out < got;) {
        add_out(got - out, done == job_.size);
        ring_.submit_and_wait(1);
        const uint64_t more = moved_by(ring_.wait(), "splice to the sink");
        if (more == 0) throw Error(ExitStatus::failed, "splice to the sink: the pipe became empty too early");
        out += more;
      }
    }
  }

 private:
  void add_out(uint64_t bytes, bool last) {
    // SPLICE_F_MORE on the last bytes would make TCP hold them back for 200 ms.
    io_uring_prep_splice(&ring_.add(kOut), pipe_.out.get(), -1, job_.sinks[0], -1, static_cast<unsigned>(bytes),
                         SPLICE_F_MOVE | (last ? 0U : SPLICE_F_MORE));
  }

  Job job_;
  Pipe pipe_;
  Ring ring_;
};

const KernelNeed need{"io_uring with SPLICE", "5.7", [] { return missing_uring({IORING_OP_SPLICE}); }};

const Registration uring_splice_registration({
    .name = "uring_splice",
    .summary = "io_uring: file to pipe with pipe to socket linked behind it, by reference",
    .calls = "io_uring_enter (SPLICE + SPLICE)",
    .order = 68,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<UringSplice>(job); },
    .need = &need,
    .requests = true,
});

}  // namespace
}  // namespace zctrace::workloads
