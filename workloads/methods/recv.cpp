#include <sys/socket.h>

#include "workloads/run/into_buffer.h"
#include "workloads/run/registry.h"

namespace zctrace::workloads {
namespace {

ssize_t receive(int socket, void* buffer, size_t bytes) { return recv(socket, buffer, bytes, 0); }

const Registration recv_registration({
    .name = "recv",
    .summary = "receive into a buffer (judged: the receiver)",
    .calls = "sendfile; recvfrom",
    .order = 90,
    .sinks = 1,
    .prepare = [](const Job& job) { return find_method("sendfile")->prepare(job); },
    .paths = to_network,
    .receive = [](const Reception& reception) -> std::unique_ptr<PreparedReceiver> {
      return std::make_unique<IntoBuffer>(reception, receive, "recv");
    },
});

}  // namespace
}  // namespace zctrace::workloads
