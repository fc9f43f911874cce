#include <sys/mman.h>

#include <algorithm>

#include "workloads/io.h"
#include "workloads/registry.h"

namespace zctrace::workloads {
namespace {

class MmapWrite : public Prepared {
 public:
  explicit MmapWrite(const Job& job) : job_(job) {}

  // The mapping is part of what the method costs, so it is made and removed in here.
  void transfer() override {
    void* mapped = mmap(nullptr, job_.size, PROT_READ, MAP_SHARED, job_.source, 0);
    if (mapped == MAP_FAILED) throw system_error("mapping the source");
    const char* bytes = static_cast<const char*>(mapped);
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const ssize_t taken = uninterrupted([&] { return write(job_.sinks[0], bytes + done, wanted); });
      if (taken < 0) {
        // The kernel reads the mapping on our behalf, so a page past the end of the file is an error here, no SIGBUS.
        if (errno == EFAULT) throw source_shrank(done, job_.size);
        throw system_error("sending to the sink");
      }
      done += static_cast<uint64_t>(taken);
    }
    munmap(mapped, job_.size);
  }

 private:
  Job job_;
};

const Registration registration({
    .name = "mmap_write",
    .summary = "map the file into memory, write the mapping to the socket",
    .calls = "mmap, write, munmap",
    .order = 20,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<MmapWrite>(job); },
});

}  // namespace
}  // namespace zctrace::workloads
