#pragma once

#include <unistd.h>

#include <utility>

namespace zctrace::lab {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// A pipe {read end, write end} or a connected pair of stream sockets, closed on exec. Throw Error.
std::pair<Descriptor, Descriptor> make_pipe();
std::pair<Descriptor, Descriptor> make_socket_pair();

}  // namespace zctrace::lab
