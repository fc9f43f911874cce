#include "workloads/net/netlink.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/io.h"

namespace zctrace::workloads {

LinkRequest::LinkRequest(uint16_t type, uint16_t flags, int index) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  append(&header, sizeof(header));
  add_header(index);
}

void LinkRequest::add(uint16_t attribute, std::string_view text) {
  const size_t begun = begin(attribute);
  append(text.data(), text.size());
  message_.push_back(std::byte{0});
  end(begun);
}

void LinkRequest::add(uint16_t attribute, int number) {
  const size_t begun = begin(attribute);
  append(&number, sizeof(number));
  end(begun);
}

void LinkRequest::add_header(int index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index;
  append(&header, sizeof(header));
}

size_t LinkRequest::begin(uint16_t attribute) {
  const size_t at = message_.size();
  rtattr header{};
  header.rta_type = attribute;
  append(&header, sizeof(header));
  return at;
}

void LinkRequest::end(size_t begun) {
  const uint16_t length = static_cast<uint16_t>(message_.size() - begun);
  std::memcpy(&message_[begun + offsetof(rtattr, rta_len)], &length, sizeof(length));
  message_.resize(NLMSG_ALIGN(message_.size()));
}

int LinkRequest::send() {
  const uint32_t length = static_cast<uint32_t>(message_.size());
  std::memcpy(&message_[offsetof(nlmsghdr, nlmsg_len)], &length, sizeof(length));
  const Fd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!netlink) return errno;
  if (::send(netlink.get(), message_.data(), message_.size(), 0) < 0) return errno;
  struct {
    nlmsghdr header;
    nlmsgerr body;
    char request[512];  // the kernel returns the request with an error
  } answer{};
  const ssize_t got = uninterrupted([&] { return recv(netlink.get(), &answer, sizeof(answer), 0); });
  if (got < 0) return errno;
  return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.body.error : EPROTO;
}

void LinkRequest::append(const void* data, size_t bytes) {
  const auto* from = static_cast<const std::byte*>(data);
  message_.insert(message_.end(), from, from + bytes);
}

}  // namespace zctrace::workloads
