#include <unistd.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

class CopyFileRange : public Prepared {
 public:
  explicit CopyFileRange(const Job& job) : job_(job) {}

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const ssize_t copied =
          uninterrupted([&] { return copy_file_range(job_.source, nullptr, job_.sinks[0], nullptr, wanted, 0); });
      if (copied < 0) throw system_error("copy_file_range to the sink");
      if (copied == 0) throw source_shrank(done, job_.size);
      done += static_cast<uint64_t>(copied);
    }
  }

 private:
  Job job_;
};

const Registration copy_file_range_registration({
    .name = "copy_file_range",
    .summary = "let the kernel copy the file into another file",
    .calls = "copy_file_range",
    .order = 80,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<CopyFileRange>(job); },
    .paths = to_file,
});

}  // namespace
}  // namespace zctrace::workloads
