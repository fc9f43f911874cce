#pragma once

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

[[noreturn]] inline void fail(const char* what) {
  perror(what);
  exit(1);
}

inline long must(long result, const char* what) {
  if (result < 0) fail(what);
  return result;
}

/// A ring, by system calls alone.
class Ring {
 public:
  explicit Ring(unsigned flags = 0) {
    parameters_.flags = flags;
    parameters_.sq_thread_idle = 100;
    fd_ = static_cast<int>(syscall(SYS_io_uring_setup, 64, &parameters_));
    if (fd_ < 0) return;
    const auto& p = parameters_;
    sq_ = map(IORING_OFF_SQ_RING, p.sq_off.array + p.sq_entries * sizeof(unsigned));
    cq_ = map(IORING_OFF_CQ_RING, p.cq_off.cqes + p.cq_entries * sizeof(io_uring_cqe));
    entries_ = static_cast<io_uring_sqe*>(map(IORING_OFF_SQES, p.sq_entries * sizeof(io_uring_sqe)));
  }
  ~Ring() { close(fd_); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  bool is_there() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  /// A new request, all zero but these.
  io_uring_sqe& add(uint8_t operation, int fd, const void* address, unsigned bytes, uint64_t offset) {
    unsigned& tail = *at<unsigned>(sq_, parameters_.sq_off.tail);
    const unsigned slot = (tail + added_) & (parameters_.sq_entries - 1);
    at<unsigned>(sq_, parameters_.sq_off.array)[slot] = slot;
    added_++;
    io_uring_sqe& entry = entries_[slot];
    memset(&entry, 0, sizeof entry);
    entry.opcode = operation;
    entry.fd = fd;
    entry.addr = reinterpret_cast<uint64_t>(address);
    entry.len = bytes;
    entry.off = offset;
    return entry;
  }

  void submit() {
    std::atomic_ref(*at<unsigned>(sq_, parameters_.sq_off.tail)).fetch_add(added_, std::memory_order_release);
    if (!(parameters_.flags & IORING_SETUP_SQPOLL)) {
      must(syscall(SYS_io_uring_enter, fd_, added_, 0, 0, nullptr, 0), "io_uring_enter");
    } else if (std::atomic_ref(*at<unsigned>(sq_, parameters_.sq_off.flags)).load() & IORING_SQ_NEED_WAKEUP) {
      must(syscall(SYS_io_uring_enter, fd_, 0, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0), "waking the polling thread");
    }
    added_ = 0;
  }

  io_uring_cqe wait() {
    unsigned& head = *at<unsigned>(cq_, parameters_.cq_off.head);
    while (std::atomic_ref(*at<unsigned>(cq_, parameters_.cq_off.tail)).load(std::memory_order_acquire) == head)
      must(syscall(SYS_io_uring_enter, fd_, 0, 1, IORING_ENTER_GETEVENTS, nullptr, 0), "waiting");
    const io_uring_cqe entry = at<io_uring_cqe>(cq_, parameters_.cq_off.cqes)[head & (parameters_.cq_entries - 1)];
    std::atomic_ref(head).fetch_add(1, std::memory_order_release);
    return entry;
  }

  /// Submits what was added and waits for as many results; their sum.
  long run() {
    const unsigned count = added_;
    long sum = 0;
    submit();
    for (unsigned i = 0; i < count; i++) sum += wait().res;
    return sum;
  }

 private:
  template <class T>
  static T* at(void* ring, unsigned offset) {
    return reinterpret_cast<T*>(static_cast<char*>(ring) + offset);
  }
  void* map(off_t offset, size_t bytes) const {
    void* address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset);
    if (address == MAP_FAILED) fail("mapping the ring");
    return address;
  }
  io_uring_params parameters_{};
  int fd_ = -1;
  unsigned added_ = 0;
  void *sq_ = nullptr, *cq_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
};
