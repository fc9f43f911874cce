#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/fd.h"

/// What every workload needs around plain system calls.
namespace zctrace {

/// "WHAT: STRERROR", as an Error to throw.
Error system_error(std::string_view what, int error = errno);

/// The source ended at `at`, before the `size` bytes that it had at the start.
Error source_shrank(uint64_t at, uint64_t size);

/// Calls until it is not interrupted; returns what the call returned, errno untouched.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Writes everything, however little each call takes. Throws "sending to the sink: ..." on failure.
void send_all(int socket, const void* data, size_t bytes);

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<std::byte, Free>;

/// Memory of its own whose pages are all present, so that using it raises no page fault.
Buffer make_buffer(size_t bytes, size_t alignment = 4096);

struct Pipe {
  Fd out, in;  ///< `out` to read from, `in` to write to
};

/// A pipe that holds `bytes` at any page offset, or as much of that as this user may have; closed on exec.
Pipe make_pipe(uint64_t bytes = 0);

/// Two connected Unix stream sockets, closed on exec.
std::pair<Fd, Fd> make_socket_pair();

/// Opens /dev/null for each standard stream that was closed when we were started, lest a file of ours take its place:
/// reading from it ends at once, writing to it fails as before. Programs started meanwhile find it closed, as it was.
void open_standard_streams();

/// Opens to read what a traced program may have put there. No descriptor where it is no plain file: a pipe may have no other
/// end, a device no end. `flags`: further ones of open(2).
Fd open_plain(const std::string& path, int flags = 0);

/// The whole of a file such as those in /proc and /sys, without the last newline; empty if unreadable.
std::string read_text(const std::string& path);

}  // namespace zctrace
