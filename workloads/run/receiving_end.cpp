#include "workloads/run/receiving_end.h"

#include <fmt/core.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/file/unlinked_file.h"
#include "workloads/run/gate.h"

namespace zctrace::workloads {
namespace {

/// In a call that has to wait.
bool sleeps(pid_t pid) {
  const std::string stat = read_text(fmt::format("/proc/{}/stat", pid));
  const size_t name_end = stat.rfind(") ");
  return name_end != std::string::npos && stat[name_end + 2] == 'S';
}

}  // namespace

ReceivingEnd::ReceivingEnd(const Method& method, const Path& path, const Source& source, uint64_t chunk,
                           const std::string& executable, bool stays)
    : stays_(stays), sink_address_(path.sink_address()) {
  const std::string& kind = path.facts().kind;
  if (kind == "file") {
    target_ = create_unlinked(source.work_directory, source.size);
  } else if (kind == "pipe") {
    Pipe pipe = make_pipe(std::min(chunk, source.size));
    target_ = std::move(pipe.in);
    start_reader(executable, {"--from", fmt::format("/proc/self/fd/{}", kSinkPipeFd)}, -1, std::move(pipe.out));
  } else {
    std::vector<std::string> how{"--listen", sink_address_};
    if (method.receive) {
      how.insert(how.end(), {"--receive", method.name, "--chunk", std::to_string(std::min(chunk, source.size))});
      if (!source.work_directory.empty()) how.insert(how.end(), {"--workdir", source.work_directory});
    }
    if (method.seal != Seal::none) how.emplace_back("--tls");
    start_reader(executable, std::move(how), path.sink_netns(), {});
  }
}

ReceivingEnd::~ReceivingEnd() {
  if (counter_ != nullptr) munmap(counter_, sizeof(*counter_));
}

void ReceivingEnd::start_reader(const std::string& executable, std::vector<std::string> from, int netns, Fd pipe) {
  const Fd memory(memfd_create("zctrace-sink-counter", MFD_CLOEXEC));
  if (!memory || ftruncate(memory.get(), sizeof(uint64_t)) < 0) throw system_error("starting a sink");
  auto [report, write_end] = make_socket_pair();
  report_fd_ = std::move(report);
  void* shared = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (shared == MAP_FAILED) throw system_error("starting a sink");
  counter_ = static_cast<std::atomic<uint64_t>*>(shared);
  ChildOptions options{
      .command = {executable, "sink", "--report", std::to_string(kSinkReportFd), "--counter",
                  std::to_string(kSinkCounterFd)},
      .netns = netns,
      .fds = {{write_end.get(), kSinkReportFd}, {memory.get(), kSinkCounterFd}},
  };
  if (stays_) options.command.emplace_back("--stay");
  options.command.insert(options.command.end(), from.begin(), from.end());
  if (pipe) options.fds.emplace_back(pipe.get(), kSinkPipeFd);
  reader_ = std::make_unique<Child>(options);
}

void ReceivingEnd::read_report() {
  char piece[65536];
  const ssize_t got = uninterrupted([&] { return read(report_fd_.get(), piece, sizeof(piece)); });
  if (got > 0) report_.add({piece, static_cast<size_t>(got)});
  if (got <= 0) report_fd_.reset();
}

void ReceivingEnd::release() {
  // MSG_NOSIGNAL: a reader that is dead already is found out by its parent's poll().
  if (reader_) send(report_fd_.get(), "G", 1, MSG_NOSIGNAL);
}

void ReceivingEnd::await_reading() const {
  if (!reader_) return;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (int unread = 1; std::chrono::steady_clock::now() < deadline;) {
    // Once it has read what released it, nothing else makes it wait.
    if (ioctl(report_fd_.get(), SIOCOUTQ, &unread) == 0 && unread == 0 && sleeps(reader_->pid())) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string ReceivingEnd::address(int number) const {
  return target_ ? fmt::format("/proc/self/fd/{}", number) : fmt::format("{}:{}", sink_address_, report_.port());
}

void ReceivingEnd::hand_over() {
  if (reader_) target_.reset();
}

uint64_t ReceivingEnd::received_bytes() const {
  if (reader_) return counter_->load(std::memory_order_relaxed);
  struct stat facts {};
  return fstat(target_.get(), &facts) < 0 ? 0 : static_cast<uint64_t>(facts.st_size);
}

std::vector<uint64_t> ReceivingEnd::hashes() const {
  return reader_ ? report_.hashes() : hash_file(target_.get(), received_bytes());
}

}  // namespace zctrace::workloads
