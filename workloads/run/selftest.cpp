#include "workloads/run/selftest.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <ctime>

#include "base/io.h"
#include "workloads/file/source.h"
#include "workloads/net/tcp.h"
#include "workloads/run/gate.h"

namespace zctrace::workloads {
namespace {

// Fits every socket buffer and pipe, so that one thread can be both ends and no step can block.
constexpr size_t kPiece = 32 * 1024;
constexpr size_t kPieces = 16;

/// A call that must move all of kPiece.
void whole(ssize_t moved, const char* what) {
  if (moved < 0) throw system_error(what);
  if (static_cast<size_t>(moved) != kPiece) {
    throw Error(ExitStatus::failed, fmt::format("{}: {} of {} bytes", what, moved, kPiece));
  }
}

SocketPair local_pair(int domain, int type) {
  int ends[2];
  if (socketpair(domain, type | SOCK_CLOEXEC, 0, ends) < 0) throw system_error("socketpair");
  return {Fd(ends[0]), Fd(ends[1])};
}

class Selftest {
 public:
  explicit Selftest(const std::string& work_directory)
      : source_(prepare_source({.size = kPieces * kPiece, .work_directory = work_directory})),
        target_(prepare_source({.size = kPiece, .work_directory = work_directory})),
        buffer_(make_buffer(kPiece)),
        tcp_(tcp_pair()),
        first_(make_pipe(kPiece)),
        second_(make_pipe(kPiece)) {}

  void run() {
    step("read, write", [this] { read_and_write(); });
    step("mmap, write", [this] { mmap_and_write(); });
    step("sendfile", [this] { send_file(); });
    step("splice", [this] { splice_through(); });
    step("tee", [this] { tee_through(); });
    step("O_DIRECT", [this] { direct_read(); });
    step("file write", [this] { write_file(); });
    step("memory file", [this] { read_memory_file(); });
    step("pipe", [this] { pipe_through(); });
    step("copy_file_range", [this] { copy_range(); });
    step("page faults", [this] { fault(); });
    step("MSG_ZEROCOPY", [this] { send_zerocopy(); });
    step("UDP", [this] { send_udp(); });
    step("Unix socket", [this] { send_unix(); });
    step("context switch", [] { switch_context(); });
  }

 private:
  template <typename Work>
  static void step(const char* name, Work work) {
    try {
      work();
    } catch (const Error& error) {
      fmt::print(stderr, "note: self-test of {}: {}\n", name, error.what());
    }
  }

  void receive(int socket) {
    for (size_t received = 0; received < kPiece;) {
      const ssize_t got = read(socket, buffer_.get(), kPiece - received);
      if (got <= 0) throw system_error("receiving");
      received += static_cast<size_t>(got);
    }
  }

  void read_and_write() {
    whole(read(source_.fd.get(), buffer_.get(), kPiece), "read");
    whole(write(tcp_.one.get(), buffer_.get(), kPiece), "write");
    receive(tcp_.other.get());
  }

  /// The write makes the kernel itself fault in the mapped pages.
  void mmap_and_write() {
    void* mapped = mmap(nullptr, kPiece, PROT_READ, MAP_SHARED, source_.fd.get(), 4 * kPiece);
    if (mapped == MAP_FAILED) throw system_error("mmap");
    const ssize_t sent = write(tcp_.one.get(), mapped, kPiece);
    munmap(mapped, kPiece);
    whole(sent, "write");
    receive(tcp_.other.get());
  }

  void send_file() {
    whole(sendfile(tcp_.one.get(), source_.fd.get(), nullptr, kPiece), "sendfile");
    receive(tcp_.other.get());
  }

  void splice_through() {
    whole(splice(source_.fd.get(), nullptr, first_.in.get(), nullptr, kPiece, SPLICE_F_MOVE), "splice");
    whole(splice(first_.out.get(), nullptr, tcp_.one.get(), nullptr, kPiece, SPLICE_F_MOVE), "splice");
    receive(tcp_.other.get());
  }

  void tee_through() {
    whole(splice(source_.fd.get(), nullptr, first_.in.get(), nullptr, kPiece, SPLICE_F_MOVE), "splice");
    whole(tee(first_.out.get(), second_.in.get(), kPiece, 0), "tee");
    for (const Pipe* pipe : {&first_, &second_}) {
      whole(splice(pipe->out.get(), nullptr, tcp_.one.get(), nullptr, kPiece, SPLICE_F_MOVE), "splice");
      receive(tcp_.other.get());
    }
  }

  void direct_read() {
    const std::string name = fmt::format("/proc/self/fd/{}", source_.fd.get());
    const Fd direct(open(name.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
    if (!direct) throw system_error("open");
    whole(read(direct.get(), buffer_.get(), kPiece), "read");
  }

  void write_file() {
    whole(pwrite(target_.fd.get(), buffer_.get(), kPiece, 0), "pwrite");
    if (fsync(target_.fd.get()) < 0) throw system_error("fsync");
  }

  void read_memory_file() {
    const Fd file(memfd_create("zctrace-selftest", MFD_CLOEXEC));
    if (!file) throw system_error("memfd_create");
    whole(pwrite(file.get(), buffer_.get(), kPiece, 0), "pwrite");
    whole(pread(file.get(), buffer_.get(), kPiece, 0), "pread");
  }

  void pipe_through() {
    whole(write(first_.in.get(), buffer_.get(), kPiece), "write");
    whole(splice(first_.out.get(), nullptr, second_.in.get(), nullptr, kPiece, SPLICE_F_MOVE), "splice");
    whole(read(second_.out.get(), buffer_.get(), kPiece), "read");
  }

  void copy_range() {
    loff_t from = 0, to = 0;
    whole(copy_file_range(source_.fd.get(), &from, target_.fd.get(), &to, kPiece, 0), "copy_file_range");
  }

  /// A first touch, and a write to a private page that had only been read: the kernel copies it.
  void fault() {
    void* mapped = mmap(nullptr, kPiece, PROT_READ | PROT_WRITE, MAP_PRIVATE, source_.fd.get(), 0);
    if (mapped == MAP_FAILED) throw system_error("mmap");
    auto* bytes = static_cast<volatile char*>(mapped);
    const char seen = bytes[0];
    bytes[0] = static_cast<char>(seen + 1);
    munmap(mapped, kPiece);
  }

  void send_zerocopy() {
    const int on = 1;
    const int socket = tcp_.one.get();
    if (setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) < 0) throw system_error("SO_ZEROCOPY");
    whole(send(socket, buffer_.get(), kPiece, MSG_ZEROCOPY), "send");
    receive(tcp_.other.get());
    pollfd completed{socket, 0, 0};
    if (poll(&completed, 1, 1000) < 1) throw Error(ExitStatus::failed, "no completion within a second");
    char control[256];
    msghdr message{};
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    if (recvmsg(socket, &message, MSG_ERRQUEUE) < 0) throw system_error("reading the completion");
  }

  void send_udp() {
    const Fd receiver(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Fd sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_storage place{};
    place.ss_family = AF_INET;  // any address, any port
    socklen_t length = sizeof(place);
    auto* address = reinterpret_cast<sockaddr*>(&place);
    if (bind(receiver.get(), address, sizeof(sockaddr_in)) < 0 || getsockname(receiver.get(), address, &length) < 0) {
      throw system_error("bind");
    }
    whole(sendto(sender.get(), buffer_.get(), kPiece, 0, address, length), "sendto");
    whole(recv(receiver.get(), buffer_.get(), kPiece, 0), "recv");
  }

  void send_unix() {
    const SocketPair pair = local_pair(AF_UNIX, SOCK_STREAM);
    whole(write(pair.one.get(), buffer_.get(), kPiece), "write");
    receive(pair.other.get());
  }

  static void switch_context() {
    constexpr timespec nap{0, 2000000};
    nanosleep(&nap, nullptr);
    sched_yield();
  }

  Source source_, target_;
  Buffer buffer_;
  SocketPair tcp_;
  Pipe first_, second_;
};

}  // namespace

void run_selftest(const SelftestOptions& options) {
  Selftest selftest(options.work_directory);
  send_letter(options.gate, kReady);
  wait_at(options.gate);
  selftest.run();
  send_letter(options.gate, kTransferred);
}

}  // namespace zctrace::workloads
