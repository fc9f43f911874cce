#include <unistd.h>

#include <algorithm>

#include "base/io.h"
#include "workloads/methods/piece_ring.h"
#include "workloads/methods/zerocopy_socket.h"

namespace zctrace::workloads {
namespace {

class MsgZerocopy : public Prepared {
 public:
  explicit MsgZerocopy(const Job& job)
      : job_(job), pieces_(std::min(job.chunk, job.size), job.size), socket_(job.sinks[0]) {}

  void transfer() override {
    unsigned piece = 0;
    for (uint64_t done = 0; done < job_.size; piece = (piece + 1) % pieces_.count()) {
      // TCP may send the pages again until they are acknowledged: only then may they hold something else.
      socket_.wait_for(piece);
      const size_t wanted = std::min(job_.chunk, job_.size - done);
      const ssize_t got = uninterrupted([&] { return read(job_.source, pieces_.at(piece), wanted); });
      if (got < 0) throw system_error("reading the source");
      if (got == 0) throw source_shrank(done, job_.size);
      socket_.send(pieces_.at(piece), static_cast<size_t>(got), piece);
      done += static_cast<uint64_t>(got);
    }
    socket_.wait_for_all();
    notes.push_back(socket_.told());
  }

 private:
  Job job_;
  PieceRing pieces_;
  ZerocopySocket socket_;
};

const Registration msg_zerocopy_registration({
    .name = "msg_zerocopy",
    .summary = "read into a buffer, send its pages by reference, wait until they are free",
    .calls = "read, sendto (MSG_ZEROCOPY), poll, recvmsg (MSG_ERRQUEUE)",
    .order = 64,
    .sinks = 1,
    .prepare = [](const Job& job) -> std::unique_ptr<Prepared> { return std::make_unique<MsgZerocopy>(job); },
    .need = &kNeedsMsgZerocopy,
    .paths = to_network,
});

}  // namespace
}  // namespace zctrace::workloads
