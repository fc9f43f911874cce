#include <fcntl.h>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/file/source.h"
#include "workloads/file/unlinked_file.h"
#include "workloads/run/prepared_receiver.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

class RecvSplice : public PreparedReceiver {
 public:
  explicit RecvSplice(const Reception& reception)
      : reception_(reception),
        pipe_(make_pipe(reception.chunk)),
        file_(create_unlinked(reception.work_directory.empty() ? default_work_directory() : reception.work_directory,
                              0)) {}

  uint64_t receive() override {
    const uint64_t got = moved(reception_.connection, pipe_.in.get(), reception_.chunk, "splice from the socket");
    for (uint64_t left = got; left > 0;) left -= moved(pipe_.out.get(), file_.get(), left, "splice to the file");
    bytes_ += got;
    return got;
  }
  std::vector<uint64_t> hashes() override { return hash_file(file_.get(), bytes_); }

 private:
  static uint64_t moved(int from, int to, uint64_t bytes, const char* what) {
    const ssize_t got = uninterrupted([&] { return splice(from, nullptr, to, nullptr, bytes, SPLICE_F_MOVE); });
    if (got < 0) throw system_error(what);
    return static_cast<uint64_t>(got);
  }

  Reception reception_;
  Pipe pipe_;
  Fd file_;
  uint64_t bytes_ = 0;
};

const Registration recv_splice_registration({
    .name = "recv_splice",
    .summary = "splice the socket into a pipe, the pipe into a file (judged: the receiver)",
    .calls = "sendfile; splice, splice",
    .order = 91,
    .sinks = 1,
    .prepare = [](const Job& job) { return find_method("sendfile")->prepare(job); },
    .paths = to_network,
    .receive = [](const Reception& reception) -> std::unique_ptr<PreparedReceiver> {
      return std::make_unique<RecvSplice>(reception);
    },
});

}  // namespace
}  // namespace zctrace::workloads
