// zctrace-uring-ways FOLDER: moves bytes by io_uring and by libaio in every way, and prints what each must show, a row
// of JSON a way: the flow's ends and method, its bytes, those of them the CPU copied, those a disk brought, and its
// requests. FOLDER: on a file system that has O_DIRECT, on a disk. Ways that this kernel lacks print nothing.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/lab/uring_ring.h"

namespace {

constexpr unsigned kChunk = 32 << 10, kChunks = 8, kSize = kChunk * kChunks;

std::string folder;

struct Row {
  std::string way, from, to, method;
  uint64_t bytes = kSize, cpu = 0, disk = 0, requests = 0, unexplained = 0;
};

void tell(const Row& row) {
  printf(
      R"({"way":"%s","from":"%s","to":"%s","method":"%s","bytes":%lu,"cpu":%lu,"disk":%lu,"requests":%lu,"unexplained":%lu})"
      "\n",
      row.way.c_str(), row.from.c_str(), row.to.c_str(), row.method.c_str(), row.bytes, row.cpu, row.disk, row.requests,
      row.unexplained);
  fflush(stdout);
}

void expect(long result, long wanted, const char* way) {
  if (result == wanted) return;
  fprintf(stderr, "%s: %ld instead of %ld (%s)\n", way, result, wanted, strerror(result < 0 ? -result : 0));
  exit(1);
}

struct File {
  std::string path;
  int fd;
};

/// On the disk already: a direct read need not write it first.
File source(const std::string& way, int flags = 0) {
  File file{folder + "/" + way, 0};
  const int fd = static_cast<int>(must(open(file.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), "source"));
  std::vector<char> bytes(kSize);
  for (size_t i = 0; i < kSize; i++) bytes[i] = static_cast<char>(i * 7 + i / 4096);
  must(write(fd, bytes.data(), kSize), "filling the source");
  must(fsync(fd), "fsync");
  close(fd);
  file.fd = static_cast<int>(must(open(file.path.c_str(), O_RDONLY | flags), "source"));
  return file;
}

File target(const std::string& way, int flags = 0) {
  File file{folder + "/" + way + "-copy", 0};
  file.fd = static_cast<int>(must(open(file.path.c_str(), O_RDWR | O_CREAT | O_TRUNC | flags, 0644), "target"));
  return file;
}

/// Ours is one end of a TCP connection over loopback; a thread reads, or writes, all at the other.
struct Connection {
  int ours;
  std::string name;
  std::thread other;
  void end() {
    shutdown(ours, SHUT_WR);
    other.join();
    close(ours);
  }
};

Connection connection(const std::function<void(int)>& other) {
  const int listener = static_cast<int>(must(socket(AF_INET, SOCK_STREAM, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  must(bind(listener, reinterpret_cast<sockaddr*>(&address), size), "bind");
  must(listen(listener, 1), "listen");
  must(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  const int ours = static_cast<int>(must(socket(AF_INET, SOCK_STREAM, 0), "socket"));
  must(connect(ours, reinterpret_cast<sockaddr*>(&address), size), "connect");
  const int theirs = static_cast<int>(must(accept(listener, nullptr, nullptr), "accept"));
  close(listener);
  must(getsockname(ours, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return {ours, "tcp 127.0.0.1:" + std::to_string(ntohs(address.sin_port)), std::thread([other, theirs] {
            other(theirs);
            close(theirs);
          })};
}

void swallow(int fd) {
  std::vector<char> buffer(kSize);
  while (read(fd, buffer.data(), buffer.size()) > 0) {
  }
}

char* buffer(size_t bytes = kSize) {
  void* address = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (address == MAP_FAILED) fail("buffer");
  return static_cast<char*>(address);
}

/// Read into a buffer, sent from it.
void read_and_send(const std::string& way, unsigned ring_flags, uint8_t request_flags) {
  Ring ring(ring_flags);
  if (!ring.is_there()) return;
  const File file = source(way);
  Connection to = connection(swallow);
  char* bytes = buffer();
  for (unsigned i = 0; i < kChunks; i++) {
    ring.add(IORING_OP_READ, file.fd, bytes, kChunk, i * kChunk).flags = request_flags;
    expect(ring.run(), kChunk, way.c_str());
    auto& send = ring.add(IORING_OP_SEND, to.ours, bytes, kChunk, 0);
    send.flags = request_flags;
    send.msg_flags = MSG_WAITALL;
    expect(ring.run(), kChunk, way.c_str());
  }
  to.end();
  tell({way, file.path, to.name, "read_write", kSize, 2 * kSize, 0, 2 * kChunks});
}

/// The same in one submission, the send after the read, for both ends that take vectors.
void linked() {
  Ring ring;
  const File file = source("linked");
  Connection to = connection(swallow);
  char* bytes = buffer();
  const iovec parts[2] = {{bytes, kChunk / 4}, {bytes + kChunk, kChunk - kChunk / 4}};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = 2;
  for (unsigned i = 0; i < kChunks; i++) {
    ring.add(IORING_OP_READV, file.fd, parts, 2, i * kChunk).flags = IOSQE_IO_LINK;
    ring.add(IORING_OP_SENDMSG, to.ours, &message, 1, 0).msg_flags = MSG_WAITALL;
    expect(ring.run(), 2 * kChunk, "linked");
  }
  to.end();
  tell({"linked", file.path, to.name, "read_write", kSize, 2 * kSize, 0, 2 * kChunks});
}

/// Registered files have no descriptor at any request, registered buffers are the kernel's pages.
void registered() {
  Ring ring;
  const File from = source("registered"), to = target("registered");
  char* bytes = buffer(kChunk);
  const iovec whole{bytes, kChunk};
  must(syscall(SYS_io_uring_register, ring.fd(), IORING_REGISTER_BUFFERS, &whole, 1), "registering a buffer");
  const int files[] = {to.fd, from.fd};
  must(syscall(SYS_io_uring_register, ring.fd(), IORING_REGISTER_FILES, files, 2), "registering files");
  for (unsigned i = 0; i < kChunks; i++) {
    ring.add(IORING_OP_READ_FIXED, 1, bytes, kChunk, i * kChunk).flags = IOSQE_FIXED_FILE;
    expect(ring.run(), kChunk, "registered, read");
    ring.add(IORING_OP_WRITE_FIXED, 0, bytes, kChunk, i * kChunk).flags = IOSQE_FIXED_FILE;
    expect(ring.run(), kChunk, "registered, written");
  }
  tell({"registered", from.path, to.path, "read_write", kSize, 2 * kSize, 0, 2 * kChunks});
}

void spliced() {
  Ring ring;
  const File file = source("spliced");
  Connection to = connection(swallow);
  int pipe[2];
  must(pipe2(pipe, 0), "pipe");
  for (unsigned i = 0; i < kChunks; i++) {
    auto& in = ring.add(IORING_OP_SPLICE, pipe[1], nullptr, kChunk, ~uint64_t{0});
    in.splice_fd_in = file.fd;
    in.splice_off_in = i * kChunk;
    expect(ring.run(), kChunk, "spliced in");
    auto& out = ring.add(IORING_OP_SPLICE, to.ours, nullptr, kChunk, ~uint64_t{0});
    out.splice_fd_in = pipe[0];
    out.splice_off_in = ~uint64_t{0};
    expect(ring.run(), kChunk, "spliced out");
  }
  to.end();
  tell({"spliced", file.path, to.name, "splice", kSize, 0, 0, 2 * kChunks});
}

/// Over loopback the kernel makes the copy after all.
void zerocopy(bool with_registered) {
  const std::string way = with_registered ? "zerocopy-registered" : "zerocopy";
  Ring ring;
  const File file = source(way);
  Connection to = connection(swallow);
  char* bytes = buffer();
  const iovec whole{bytes, kSize};
  must(syscall(SYS_io_uring_register, ring.fd(), IORING_REGISTER_BUFFERS, &whole, 1), "registering a buffer");
  bool is_there = true;
  for (unsigned i = 0; i < kChunks && is_there; i++) {
    ring.add(IORING_OP_READ, file.fd, bytes, kChunk, i * kChunk);
    expect(ring.run(), kChunk, "zerocopy, read");
    auto& send = ring.add(IORING_OP_SEND_ZC, to.ours, bytes, kChunk, 0);
    send.msg_flags = MSG_WAITALL;
    if (with_registered) send.ioprio = IORING_RECVSEND_FIXED_BUF;
    ring.submit();
    const auto sent = ring.wait();
    is_there = sent.res != -EINVAL;
    if (!is_there) break;
    expect(sent.res, kChunk, "zerocopy, sent");
    if (sent.flags & IORING_CQE_F_MORE) ring.wait();  // the buffer is free
  }
  to.end();
  if (is_there) tell({way, file.path, to.name, "msg_zerocopy", kSize, 2 * kSize, 0, 2 * kChunks});
}

/// Many at a time: they go to the device in batches.
void direct() {
  Ring ring;
  const File from = source("direct", O_DIRECT), to = target("direct", O_DIRECT);
  char* bytes = buffer();
  for (unsigned i = 0; i < kChunks; i++) ring.add(IORING_OP_READ, from.fd, bytes + i * kChunk, kChunk, i * kChunk);
  expect(ring.run(), kSize, "direct, read");
  for (unsigned i = 0; i < kChunks; i++) ring.add(IORING_OP_WRITE, to.fd, bytes + i * kChunk, kChunk, i * kChunk);
  expect(ring.run(), kSize, "direct, written");
  tell({"direct", from.path, to.path, "direct_io", kSize, 0, kSize, 2 * kChunks});
}

/// Asked for before it is there: the kernel waits and tries again.
void received() {
  Ring ring;
  const File file = target("received");
  Connection from = connection([](int fd) {
    std::vector<char> bytes(kChunk, 'r');
    for (unsigned i = 0; i < kChunks; i++) {
      usleep(5000);
      must(write(fd, bytes.data(), kChunk), "sending");
    }
  });
  char* bytes = buffer();
  for (unsigned i = 0; i < kChunks; i++) {
    ring.add(IORING_OP_RECV, from.ours, bytes, kChunk, 0).msg_flags = MSG_WAITALL;
    expect(ring.run(), kChunk, "received");
    ring.add(IORING_OP_WRITE, file.fd, bytes, kChunk, i * kChunk);
    expect(ring.run(), kChunk, "received, written");
  }
  from.end();
  tell({"received", from.name, file.path, "read_write", kSize, 2 * kSize, 0, 2 * kChunks});
}

/// One request, many results, into buffers that the kernel chooses.
void multishot() {
  Ring ring;
  Connection from = connection([](int fd) {
    std::vector<char> bytes(kChunk, 'm');
    for (unsigned i = 0; i < kChunks; i++) {
      usleep(5000);
      must(write(fd, bytes.data(), kChunk), "sending");
    }
  });
  char* bytes = buffer();
  constexpr unsigned kGiven = 256;
  auto& give = ring.add(IORING_OP_PROVIDE_BUFFERS, kGiven, bytes, kSize / kGiven, 0);
  give.buf_group = 1;
  ring.run();
  auto& receive = ring.add(IORING_OP_RECV, from.ours, nullptr, 0, 0);
  receive.flags = IOSQE_BUFFER_SELECT;
  receive.ioprio = IORING_RECV_MULTISHOT;
  receive.buf_group = 1;
  ring.submit();
  uint64_t sum = 0;
  for (;;) {
    const auto result = ring.wait();
    if (result.res > 0) sum += static_cast<uint64_t>(result.res);
    if (result.res <= 0 || !(result.flags & IORING_CQE_F_MORE)) break;
  }
  from.end();
  if (sum > kChunk) tell({"multishot", from.name, "", "io_uring", sum, sum, 0, 0});
}

/// Requests that move nothing, and those that fail or find less than they asked for.
void odds_and_ends() {
  Ring ring;
  const File file = source("odds");
  char* bytes = buffer();
  ring.add(IORING_OP_NOP, -1, nullptr, 0, 0);
  ring.add(IORING_OP_POLL_ADD, file.fd, nullptr, 0, 0).poll32_events = 1;
  ring.add(IORING_OP_ASYNC_CANCEL, -1, nullptr, 0, 0);
  ring.add(IORING_OP_READ, file.fd, bytes, kChunk, kSize);
  ring.add(IORING_OP_READ, file.fd, bytes, kChunk, kSize - 1000);
  ring.run();
  ring.add(IORING_OP_READ, 999, bytes, kChunk, 0);
  expect(ring.run(), -EBADF, "no such file");
  tell({"odds", file.path, "", "io_uring", 1000, 1000, 0, 0});
}

/// /dev/zero: written by the processor, copied from nowhere.
void unseen() {
  Ring ring;
  const int zeros = static_cast<int>(must(open("/dev/zero", O_RDONLY), "/dev/zero"));
  ring.add(IORING_OP_READ, zeros, buffer(), 300, 0);
  expect(ring.run(), 300, "from /dev/zero");
  tell({"unseen", "/dev/zero", "", "io_uring", 300, 0, 0, 1, 300});
}

/// The older way to ask for direct I/O without waiting.
void libaio() {
  const File from = source("libaio", O_DIRECT);
  char* bytes = buffer();
  aio_context_t context = 0;
  must(syscall(SYS_io_setup, kChunks, &context), "io_setup");
  std::array<iocb, kChunks> blocks{};
  std::array<iocb*, kChunks> list{};
  for (unsigned i = 0; i < kChunks; i++) {
    blocks[i].aio_lio_opcode = IOCB_CMD_PREAD;
    blocks[i].aio_fildes = static_cast<uint32_t>(from.fd);
    blocks[i].aio_buf = reinterpret_cast<uint64_t>(bytes + i * kChunk);
    blocks[i].aio_nbytes = kChunk;
    blocks[i].aio_offset = i * kChunk;
    list[i] = &blocks[i];
  }
  must(syscall(SYS_io_submit, context, kChunks, list.data()), "io_submit");
  std::array<io_event, kChunks> events{};
  must(syscall(SYS_io_getevents, context, kChunks, kChunks, events.data(), nullptr), "io_getevents");
  for (const auto& event : events) expect(event.res, kChunk, "libaio");
  tell({"libaio", from.path, "", "direct_io", kSize, 0, kSize, kChunks});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: zctrace-uring-ways FOLDER\n");
    return 2;
  }
  folder = argv[1];
  read_and_send("plain", 0, 0);
  read_and_send("worker", 0, IOSQE_ASYNC);
  read_and_send("polled", IORING_SETUP_SQPOLL, 0);
  linked();
  registered();
  spliced();
  zerocopy(false);
  zerocopy(true);
  direct();
  received();
  multishot();
  odds_and_ends();
  unseen();
  libaio();
}
