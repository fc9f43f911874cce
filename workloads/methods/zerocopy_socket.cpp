#include "workloads/methods/zerocopy_socket.h"

#include <fmt/core.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

constexpr int kPatienceMs = 30000;

std::optional<Missing> missing_msg_zerocopy() {
  const Fd tcp(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int one = 1;
  if (tcp && setsockopt(tcp.get(), SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one) == 0) return {};
  return Missing{"this kernel has no MSG_ZEROCOPY for TCP", "choose another kernel: --kernel 6.12"};
}

}  // namespace

const KernelNeed kNeedsMsgZerocopy{"MSG_ZEROCOPY", "4.14", missing_msg_zerocopy};

Note completions_note(uint64_t copied, uint64_t sends, const char* flag) {
  return {fmt::format("the kernel's completions say that {} of {} zero-copy sends were copied after all ({})", copied,
                      sends, flag),
          "note_completions",
          {std::to_string(copied), std::to_string(sends), flag}};
}

ZerocopySocket::ZerocopySocket(int socket) : socket_(socket) {
  const int one = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one) < 0) throw system_error("setting SO_ZEROCOPY");
}

size_t ZerocopySocket::send(const void* data, size_t bytes, unsigned piece) {
  size_t sent = 0;
  while (sent < bytes) {
    const char* at = static_cast<const char*>(data) + sent;
    const ssize_t taken = uninterrupted([&] { return ::send(socket_, at, bytes - sent, MSG_ZEROCOPY | MSG_NOSIGNAL); });
    if (taken < 0 && errno == ENOBUFS && !lent_.empty()) {  // too many completions are due (net.core.optmem_max)
      collect(true);
      continue;
    }
    if (taken < 0 && errno == EFAULT) break;
    if (taken < 0) throw system_error("sending to the sink");
    lent_[next_++] = piece;
    sends_of_piece_[piece]++;
    sent += static_cast<size_t>(taken);
  }
  return sent;
}

void ZerocopySocket::wait_for(unsigned piece) {
  while (sends_of_piece_[piece] > 0) collect(true);
}

void ZerocopySocket::wait_for_all() {
  while (!lent_.empty()) collect(true);
}

void ZerocopySocket::collect(bool wait) {
  if (wait) {
    pollfd errors{socket_, 0, 0};  // POLLERR need not be asked for
    const int ready = uninterrupted([&] { return poll(&errors, 1, kPatienceMs); });
    if (ready < 0) throw system_error("waiting for the completions of MSG_ZEROCOPY");
    if (ready == 0) throw Error(ExitStatus::failed, "the completions of MSG_ZEROCOPY did not come within 30 s");
    if (errors.revents & POLLHUP) throw Error(ExitStatus::failed, "the sink closed the connection");
  }
  for (;;) {
    char control[CMSG_SPACE(sizeof(sock_extended_err) + sizeof(sockaddr_in))];
    msghdr message{};
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (uninterrupted([&] { return recvmsg(socket_, &message, MSG_ERRQUEUE | MSG_DONTWAIT); }) < 0) {
      if (errno == EAGAIN) return;
      throw system_error("reading the completions of MSG_ZEROCOPY");
    }
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
      sock_extended_err told{};
      memcpy(&told, CMSG_DATA(part), sizeof told);
      if (told.ee_origin == SO_EE_ORIGIN_ZEROCOPY)
        free_sends(told.ee_info, told.ee_data, told.ee_code & SO_EE_CODE_ZEROCOPY_COPIED);
    }
  }
}

void ZerocopySocket::free_sends(uint32_t first, uint32_t last, bool copied) {
  for (uint32_t number = first;; number++) {
    if (const auto send = lent_.find(number); send != lent_.end()) {
      sends_of_piece_[send->second]--;
      if (copied) copied_++;
      lent_.erase(send);
    }
    if (number == last) return;
  }
}

Note ZerocopySocket::told() const { return completions_note(copied_, next_, "SO_EE_CODE_ZEROCOPY_COPIED"); }

}  // namespace zctrace::workloads
