#include <algorithm>

#include "workloads/splice_steps.h"

namespace zctrace::workloads {
namespace {

class Splice : public Prepared {
 public:
  explicit Splice(const Job& job) : job_(job), pipe_(make_pipe(std::min(job.chunk, job.size))) {}

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const uint64_t got = file_to_pipe(job_, done, pipe_);
      done += got;
      pipe_to_socket(pipe_, job_.sockets[0], got, done == job_.size);
    }
  }

 private:
  Job job_;
  Pipe pipe_;
};

const Registration registration({
    .name = "splice",
    .summary = "the file's pages pass through a pipe to the socket",
    .calls = "splice, splice",
    .order = 40,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<Splice>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
