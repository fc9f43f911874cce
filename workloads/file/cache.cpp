#include "workloads/file/cache.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "base/io.h"

namespace zctrace::workloads {
namespace {

/// For other people's read-only files the kernel claims that everything is resident.
bool may_ask(int fd) {
  struct stat facts {};
  if (geteuid() == 0 || (fstat(fd, &facts) == 0 && facts.st_uid == geteuid())) return true;
  return faccessat(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd).c_str(), W_OK, AT_EACCESS) == 0;
}

/// Lets every CPU free the packets it put off freeing: since 5.18 (68822bdf76f1, skb_attempt_defer_free) a packet freed
/// on another CPU waits for the next receive softirq on its own, and keeps the pages that it refers to in the cache.
void free_deferred_packets() {
  const Fd self(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  cpu_set_t allowed;
  if (!self || bind(self.get(), reinterpret_cast<sockaddr*>(&address), length) < 0 ||
      getsockname(self.get(), reinterpret_cast<sockaddr*>(&address), &length) < 0 ||
      sched_getaffinity(0, sizeof(allowed), &allowed) < 0) {
    return;  // no loopback here: the caller's patience has to do
  }
  for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    if (sched_setaffinity(0, sizeof(only), &only) < 0) continue;
    sendto(self.get(), "", 0, 0, reinterpret_cast<const sockaddr*>(&address), length);
  }
  sched_setaffinity(0, sizeof(allowed), &allowed);
}

}  // namespace

std::optional<uint64_t> resident_bytes(int fd, uint64_t size) {
  if (!may_ask(fd)) return std::nullopt;
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  constexpr uint64_t window = uint64_t{1} << 30;
  std::vector<unsigned char> present(window / page);
  uint64_t resident = 0;
  for (uint64_t at = 0; at < size; at += window) {
    const uint64_t length = std::min(window, size - at);
    void* mapped = mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(at));
    if (mapped == MAP_FAILED) return std::nullopt;
    const bool answered = mincore(mapped, length, present.data()) == 0;
    munmap(mapped, length);
    if (!answered) return std::nullopt;
    for (uint64_t offset = 0; offset < length; offset += page) {
      if ((present[offset / page] & 1) != 0) resident += std::min(page, length - offset);
    }
  }
  return resident;
}

void drop_from_cache(int fd, uint64_t size) {
  if (fsync(fd) < 0 && errno != EINVAL) throw system_error("writing the source back to its disk");
  // Pages still under writeback, in a CPU's private batch or in an earlier transfer's packets survive the first
  // attempt.
  for (int attempt = 0; attempt < 50; ++attempt) {
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    if (resident_bytes(fd, size).value_or(0) == 0) return;
    free_deferred_packets();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void read_into_cache(int fd, uint64_t size) {
  constexpr size_t piece = 1U << 20;
  const Buffer buffer = make_buffer(piece);
  for (uint64_t at = 0; at < size;) {
    const size_t wanted = std::min<uint64_t>(piece, size - at);
    const ssize_t got = uninterrupted([&] { return pread(fd, buffer.get(), wanted, static_cast<off_t>(at)); });
    if (got < 0) throw system_error("reading the source");
    if (got == 0) throw source_shrank(at, size);
    at += static_cast<uint64_t>(got);
  }
}

}  // namespace zctrace::workloads
