#include <algorithm>

#include "workloads/methods/splice_steps.h"

namespace zctrace::workloads {
namespace {

class Splice : public Prepared {
 public:
  explicit Splice(const Job& job) : job_(job) {
    if (!is_pipe(job.sinks[0])) pipe_ = make_pipe(std::min(job.chunk, job.size));
  }

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      if (!pipe_.in) {  // the sink is a pipe itself: no need of another
        done += file_to_pipe(job_, done, job_.sinks[0]);
        continue;
      }
      const uint64_t got = file_to_pipe(job_, done, pipe_.in.get());
      done += got;
      pipe_to_sink(pipe_, job_.sinks[0], got, done == job_.size);
    }
  }

 private:
  Job job_;
  Pipe pipe_;
};

const Registration splice_registration({
    .name = "splice",
    .summary = "pass the file's pages through a pipe to the socket",
    .calls = "splice, splice",
    .order = 40,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<Splice>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
