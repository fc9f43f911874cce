#include <fcntl.h>

#include <algorithm>

#include "workloads/methods/splice_steps.h"

namespace zctrace::workloads {
namespace {

class Tee : public Prepared {
 public:
  explicit Tee(const Job& job)
      : job_(job),
        first_(make_pipe(std::min(job.chunk, job.size))),
        second_(make_pipe(std::min(job.chunk, job.size))) {}

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const uint64_t got = file_to_pipe(job_, done, first_.in.get());
      // The second pipe may hold less than the first. It is empty whenever tee is called, and both are emptied by the
      // same amount before the next call, so that no call ever waits for room that only we could make.
      for (uint64_t left = got; left > 0;) {
        const ssize_t doubled = uninterrupted([&] { return tee(first_.out.get(), second_.in.get(), left, 0); });
        if (doubled < 0) throw system_error("tee");
        if (doubled == 0) throw Error(ExitStatus::failed, "tee: the pipe became empty too early");
        left -= static_cast<uint64_t>(doubled);
        done += static_cast<uint64_t>(doubled);
        const bool last = done == job_.size;
        pipe_to_sink(first_, job_.sinks[0], static_cast<uint64_t>(doubled), last);
        pipe_to_sink(second_, job_.sinks[1], static_cast<uint64_t>(doubled), last);
      }
    }
  }

 private:
  Job job_;
  Pipe first_, second_;
};

const Registration tee_registration({
    .name = "tee",
    .summary = "send one file to two sockets: tee duplicates the pipe's pages by reference",
    .calls = "splice, tee, splice, splice",
    .order = 50,
    .sinks = 2,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<Tee>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
