#include "workloads/experiments/discard.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include "base/io.h"
#include "workloads/net/tcp.h"
#include "workloads/run/gate.h"

namespace zctrace::workloads {

void run_discard(const DiscardOptions& options) {
  int port = 0;
  const Fd listener = listen_on(options.address, port);
  if (options.receive_buffer > 0) {
    setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(options.receive_buffer));
  }
  const std::string line = fmt::format("{} {}\n", kListening, port);
  send_all(options.report, line.data(), line.size());
  for (;;) {
    const Fd connection = accept_one(listener);
    // With MSG_TRUNC TCP hands out nothing: the bytes are taken off the queue where they lie.
    constexpr size_t most = 64U << 20;
    while (uninterrupted([&] { return recv(connection.get(), nullptr, most, MSG_TRUNC); }) > 0) continue;
  }
}

}  // namespace zctrace::workloads
