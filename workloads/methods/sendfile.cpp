#include <sys/sendfile.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/methods/loops.h"

namespace zctrace::workloads {
namespace {

class Sendfile : public Prepared {
 public:
  explicit Sendfile(const Job& job) : job_(job) {}

  void transfer() override {
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const ssize_t sent = uninterrupted([&] { return sendfile(job_.sinks[0], job_.source, nullptr, wanted); });
      if (sent < 0) throw system_error("sendfile to the sink");
      if (sent == 0) throw source_shrank(done, job_.size);
      done += static_cast<uint64_t>(sent);
    }
  }

 private:
  Job job_;
};

}  // namespace

std::unique_ptr<Prepared> make_sendfile(const Job& job) { return std::make_unique<Sendfile>(job); }

namespace {

const Registration sendfile_registration({
    .name = "sendfile",
    .summary = "let the kernel send the file, without a user buffer",
    .calls = "sendfile",
    .order = 30,
    .sinks = 1,
    .prepare = make_sendfile,
});

}  // namespace
}  // namespace zctrace::workloads
