#include "base/io.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>

namespace zctrace {

Error system_error(std::string_view what, int error) {
  return Error(ExitStatus::failed, fmt::format("{}: {}", what, std::strerror(error)));
}

Error source_shrank(uint64_t at, uint64_t size) {
  return Error(ExitStatus::failed, fmt::format("the source shrank: it ended at byte {} of {}", at, size),
               "transfer a file that nothing writes to");
}

void send_all(int socket, const void* data, size_t bytes) {
  const char* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t taken = write(socket, next, bytes);
    if (taken < 0) {
      if (errno == EINTR) continue;
      throw system_error("sending to the sink");
    }
    next += taken;
    bytes -= static_cast<size_t>(taken);
  }
}

Buffer make_buffer(size_t bytes, size_t alignment) {
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  Buffer buffer(static_cast<std::byte*>(std::aligned_alloc(alignment, rounded)));
  if (!buffer) {
    throw Error(ExitStatus::failed, fmt::format("no memory for a buffer of {} bytes", rounded),
                "use a smaller --chunk");
  }
  std::memset(buffer.get(), 0x5a, rounded);
  return buffer;
}

Pipe make_pipe(uint64_t bytes) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) throw system_error("making a pipe");
  Pipe made{Fd(ends[0]), Fd(ends[1])};

  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // A chunk that does not begin on a page boundary touches one page more than its length says.
  const uint64_t pages = bytes % page == 0 ? bytes / page : bytes / page + 2;
  const uint64_t present = static_cast<uint64_t>(std::max(0, fcntl(ends[1], F_GETPIPE_SZ)));
  // How large a pipe may be depends on the user, on others' pipes and on memory: ask for less until granted.
  for (uint64_t wish = std::min<uint64_t>(pages * page, 1U << 30); wish > present; wish /= 2) {
    if (fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(wish)) >= 0) break;
  }
  return made;
}

std::pair<Fd, Fd> make_socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) throw system_error("making a socket pair");
  return {Fd(ends[0]), Fd(ends[1])};
}

void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", O_RDONLY | O_CLOEXEC);
}

Fd open_plain(const std::string& path, int flags) {
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
  struct stat facts;
  if (file && (fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))) file.reset();
  return file;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::string text;
  std::array<char, 65536> piece;
  while (in.read(piece.data(), piece.size()), in.gcount() > 0)
    text.append(piece.data(), static_cast<size_t>(in.gcount()));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace zctrace
