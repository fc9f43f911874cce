#include "workloads/methods/mapped_write.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

class MappedWrite : public Prepared {
 public:
  MappedWrite(const Job& job, int flags) : job_(job), flags_(MAP_SHARED | flags) {}

  void transfer() override {
    void* mapped = mmap(nullptr, job_.size, PROT_READ, flags_, job_.source, 0);
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
  int flags_;
};

}  // namespace

std::unique_ptr<Prepared> make_mapped_write(const Job& job, int flags) {
  return std::make_unique<MappedWrite>(job, flags);
}

}  // namespace zctrace::workloads
