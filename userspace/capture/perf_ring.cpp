#include "userspace/capture/perf_ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/io.h"

namespace zctrace::capture {

PerfRing::PerfRing(int fd, size_t pages) : fd_(fd), page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))), pages_(pages) {
  memory_ = mmap(nullptr, (pages_ + 1) * page_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory_ == MAP_FAILED) throw system_error("mapping a perf event's ring");
}

PerfRing::~PerfRing() { munmap(memory_, (pages_ + 1) * page_); }

uint64_t PerfRing::read(const Take& take) {
  auto* head = static_cast<perf_event_mmap_page*>(memory_);
  const uint64_t end = __atomic_load_n(&head->data_head, __ATOMIC_ACQUIRE);
  uint64_t at = head->data_tail, lost = 0;
  while (at < end) {
    perf_event_header header;
    copy(&header, at, sizeof header);
    record_.resize((header.size - sizeof header) / sizeof(uint64_t));  // the kernel rounds each up to 8 bytes
    copy(record_.data(), at + sizeof header, record_.size() * sizeof(uint64_t));
    at += header.size;
    if (header.type == PERF_RECORD_LOST)
      lost += record_.at(1);
    else
      take(header, record_);
  }
  __atomic_store_n(&head->data_tail, at, __ATOMIC_RELEASE);
  return lost;
}

void PerfRing::copy(void* to, uint64_t from, size_t bytes) const {
  const size_t size = pages_ * page_, at = from % size, first = std::min(bytes, size - at);
  const auto* data = static_cast<const char*>(memory_) + page_;
  std::memcpy(to, data + at, first);
  std::memcpy(static_cast<char*>(to) + first, data, bytes - first);
}

}  // namespace zctrace::capture
