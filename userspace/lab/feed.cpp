#include "userspace/lab/feed.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <vector>

namespace zctrace::lab {

namespace {

std::string piece(std::string_view bytes) {
  const auto length = static_cast<uint32_t>(bytes.size());
  std::string framed;
  for (unsigned shift = 0; shift < 32; shift += 8) framed += static_cast<char>(length >> shift);
  return framed.append(bytes);
}

}  // namespace

Feed::Feed(int from, int to) : from_(from), to_(to), ended_(from < 0) {
  if (ended_) pending_ = piece({});
}

pollfd Feed::wants() const {
  if (!pending_.empty()) return {to_, POLLOUT, 0};
  return {ended_ ? -1 : from_, POLLIN, 0};
}

void Feed::turn() {
  if (pending_.empty() && !ended_) read_some();
  if (pending_.empty()) return;
  const ssize_t sent = send(to_, pending_.data(), pending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) pending_.erase(0, static_cast<size_t>(sent));
}

void Feed::read_some() {
  pollfd readable{from_, POLLIN, 0};
  if (poll(&readable, 1, 0) <= 0) return;
  static thread_local std::vector<char> bytes(64 << 10);  // on the heap, as Guest's
  const ssize_t got = read(from_, bytes.data(), bytes.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  ended_ = got <= 0;
  pending_ = piece({bytes.data(), static_cast<size_t>(ended_ ? 0 : got)});
}

}  // namespace zctrace::lab
