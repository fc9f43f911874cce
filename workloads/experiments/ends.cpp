#include "workloads/experiments/ends.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>

#include "base/io.h"
#include "workloads/file/source.h"
#include "workloads/net/tcp.h"

namespace zctrace::workloads {
namespace {

constexpr int kPatienceMs = 2000;

Fd open_device(const char* name, int flags) {
  Fd device(open(name, flags | O_CLOEXEC));
  if (!device) throw system_error(std::string("opening ") + name);
  return device;
}

/// Waits until all of it can be read at once.
void await_bytes(const Fd& fd, size_t bytes) {
  using Clock = std::chrono::steady_clock;
  for (const auto deadline = Clock::now() + std::chrono::milliseconds(kPatienceMs);;) {
    int ready = 0;
    if (ioctl(fd.get(), FIONREAD, &ready) < 0) throw system_error("asking what can be read");
    if (static_cast<size_t>(ready) >= bytes) return;
    if (Clock::now() > deadline) throw Error(ExitStatus::failed, "timed out after 2 s waiting for data over loopback");
    poll(nullptr, 0, 1);
  }
}

}  // namespace

const char* name_of(EndKind kind) {
  switch (kind) {
    case EndKind::file:
      return "file";
    case EndKind::pipe:
      return "pipe";
    case EndKind::socket:
      return "socket";
    case EndKind::device:
      break;
  }
  return "device";
}

Fd make_file(std::span<const std::byte> content, const std::string& directory) {
  // Where every source lies; what it holds at first is of no matter.
  Fd file = prepare_source({.size = content.size(), .work_directory = directory, .cache = Cache::warm}).fd;
  const ssize_t written = uninterrupted([&] { return pwrite(file.get(), content.data(), content.size(), 0); });
  if (written < 0 || static_cast<size_t>(written) != content.size()) throw system_error("filling the test file");
  return file;
}

End end_to_take_from(EndKind kind, std::span<const std::byte> payload, const std::string& directory) {
  End end{kind, {}, {}};
  if (kind == EndKind::device) {
    end.fd = open_device("/dev/zero", O_RDWR);
  } else if (kind == EndKind::file) {
    end.fd = make_file(payload, directory);
  } else {
    if (kind == EndKind::pipe) {
      Pipe pipe = make_pipe(payload.size());
      end.fd = std::move(pipe.out);
      end.other = std::move(pipe.in);
    } else {
      SocketPair pair = tcp_pair();
      end.fd = std::move(pair.one);
      end.other = std::move(pair.other);
    }
    send_all(end.other.get(), payload.data(), payload.size());
    await_bytes(end.fd, payload.size());
    fcntl(end.fd.get(), F_SETFL, O_NONBLOCK);
  }
  return end;
}

End end_to_give_to(EndKind kind, const std::string& directory) {
  End end{kind, {}, {}};
  if (kind == EndKind::device) {
    end.fd = open_device("/dev/null", O_WRONLY);
  } else if (kind == EndKind::file) {
    end.fd = prepare_source({.size = 1, .work_directory = directory, .cache = Cache::warm}).fd;
    if (ftruncate(end.fd.get(), 0) < 0) throw system_error("emptying the test file");
  } else {
    if (kind == EndKind::pipe) {
      Pipe pipe = make_pipe(1);
      end.fd = std::move(pipe.in);
      end.other = std::move(pipe.out);
    } else {
      SocketPair pair = tcp_pair();
      end.fd = std::move(pair.one);
      end.other = std::move(pair.other);
    }
    fcntl(end.fd.get(), F_SETFL, O_NONBLOCK);
    fcntl(end.other.get(), F_SETFL, O_NONBLOCK);
  }
  return end;
}

bool came_out(const End& end, std::span<const std::byte> expected) {
  // One byte more than expected: nothing else may have come either.
  std::vector<std::byte> got(expected.size() + 1);
  size_t bytes = 0;
  if (end.kind == EndKind::file) {
    const ssize_t read = uninterrupted([&] { return pread(end.fd.get(), got.data(), got.size(), 0); });
    bytes = static_cast<size_t>(std::max<ssize_t>(read, 0));
  } else {
    while (bytes < got.size()) {
      // What is there comes at once; when enough has come, nobody waits for more.
      pollfd readable{end.other.get(), POLLIN, 0};
      if (poll(&readable, 1, bytes < expected.size() ? kPatienceMs : 0) <= 0) break;
      const ssize_t piece =
          uninterrupted([&] { return read(end.other.get(), got.data() + bytes, got.size() - bytes); });
      if (piece <= 0) break;
      bytes += static_cast<size_t>(piece);
    }
  }
  return bytes == expected.size() && std::equal(expected.begin(), expected.end(), got.begin());
}

}  // namespace zctrace::workloads
