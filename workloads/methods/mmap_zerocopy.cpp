#include <sys/mman.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/methods/zerocopy_socket.h"

namespace zctrace::workloads {
namespace {

class MmapZerocopy : public Prepared {
 public:
  explicit MmapZerocopy(const Job& job) : job_(job), socket_(job.sinks[0]) {}

  void transfer() override {
    void* mapped = mmap(nullptr, job_.size, PROT_READ, MAP_SHARED, job_.source, 0);
    if (mapped == MAP_FAILED) throw system_error("mapping the source");
    for (uint64_t done = 0; done < job_.size;) {
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const size_t sent = socket_.send(static_cast<const char*>(mapped) + done, wanted, 0);
      done += sent;
      // The kernel takes the pages on our behalf: one past the end of the file is an error here, no SIGBUS.
      if (sent < wanted) throw source_shrank(done, job_.size);
    }
    // Those who write to the file meanwhile change what is sent; what we must keep is the mapping's pages, not its
    // place.
    socket_.wait_for_all();
    munmap(mapped, job_.size);
    notes.push_back(socket_.told());
  }

 private:
  Job job_;
  ZerocopySocket socket_;
};

const Registration mmap_zerocopy_registration({
    .name = "mmap_zerocopy",
    .summary = "map the file into memory, send its pages by reference, wait until they are free",
    .calls = "mmap, sendto (MSG_ZEROCOPY), poll, recvmsg (MSG_ERRQUEUE)",
    .order = 65,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<MmapZerocopy>(job); },
    .need = &kNeedsMsgZerocopy,
    .paths = to_network,
});

}  // namespace
}  // namespace zctrace::workloads
