#include <sys/socket.h>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/run/prepared_receiver.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

class Recv : public PreparedReceiver {
 public:
  explicit Recv(const Reception& reception) : reception_(reception), buffer_(make_buffer(reception.chunk)) {}

  uint64_t receive() override {
    const ssize_t got = uninterrupted([&] { return recv(reception_.connection, buffer_.get(), reception_.chunk, 0); });
    if (got < 0) throw system_error("recv");
    hasher_.add(buffer_.get(), static_cast<size_t>(got));
    return static_cast<uint64_t>(got);
  }
  std::vector<uint64_t> hashes() override { return hasher_.finish(); }

 private:
  Reception reception_;
  Buffer buffer_;
  BlockHasher hasher_;
};

const Registration registration({
    .name = "recv",
    .summary = "receive into a buffer (judged: the receiver)",
    .calls = "sendfile; recvfrom",
    .order = 90,
    .sinks = 1,
    .prepare = [](const Job& job) { return find_method("sendfile")->prepare(job); },
    .paths = to_network,
    .receive = [](const Reception& reception) -> std::unique_ptr<PreparedReceiver> {
      return std::make_unique<Recv>(reception);
    },
});

}  // namespace
}  // namespace zctrace::workloads
