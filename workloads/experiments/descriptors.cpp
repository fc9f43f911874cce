#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstring>
#include <ctime>

#include "base/io.h"
#include "workloads/experiments/call_arguments.h"
#include "workloads/experiments/ends.h"
#include "workloads/experiments/experiment.h"
#include "workloads/file/source.h"

namespace zctrace::workloads {
namespace {

// Whole pages, few enough for every pipe and socket buffer: no call has a reason to wait.
constexpr size_t kBytes = 16 * 1024;

/// What came of an attempt; where it was refused, `error` is the call's errno.
struct Outcome {
  uint64_t bytes = 0;
  int error = 0;
  const char* refused_by = "";
};

Outcome refused(const char* call, int error = errno) { return {0, error, call}; }

Outcome moved_or_refused(ssize_t moved, const char* call) {
  if (moved < 0) return refused(call);
  return {static_cast<uint64_t>(moved), 0, ""};
}

Outcome read_write(int from, int to) {
  const Buffer buffer = make_buffer(kBytes);
  const ssize_t got = read(from, buffer.get(), kBytes);
  if (got < 0) return refused("read");
  return moved_or_refused(write(to, buffer.get(), static_cast<size_t>(got)), "write");
}

Outcome mmap_write(int from, int to) {
  void* mapped = mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, from, 0);
  if (mapped == MAP_FAILED) return refused("mmap");
  const Outcome outcome = moved_or_refused(write(to, mapped, kBytes), "write");
  munmap(mapped, kBytes);
  return outcome;
}

struct Call {
  const char* name;
  Outcome (*attempt)(int from, int to);
};

constexpr Call kCalls[] = {
    {"read_write", read_write},
    {"mmap_write", mmap_write},
    {"sendfile", [](int from, int to) { return moved_or_refused(sendfile(to, from, nullptr, kBytes), "sendfile"); }},
    {"splice",
     [](int from, int to) {
       return moved_or_refused(splice(from, nullptr, to, nullptr, kBytes, SPLICE_F_NONBLOCK), "splice");
     }},
    {"tee", [](int from, int to) { return moved_or_refused(tee(from, to, kBytes, SPLICE_F_NONBLOCK), "tee"); }},
};

/// Interrupts a call that waits although it was given no reason to: it then fails with EINTR.
class Backstop {
 public:
  Backstop() {
    struct sigaction interrupt {};
    interrupt.sa_handler = [](int) {};  // without SA_RESTART
    sigaction(SIGUSR1, &interrupt, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) < 0) throw system_error("making a timer");
    // Again and again, lest the first come before the call.
    const itimerspec times{{1, 0}, {2, 0}};
    timer_settime(timer_, 0, &times, nullptr);
  }
  Backstop(const Backstop&) = delete;
  Backstop& operator=(const Backstop&) = delete;
  ~Backstop() { timer_delete(timer_); }

 private:
  timer_t timer_{};
};

std::vector<std::byte> make_payload() {
  std::vector<std::byte> payload(kBytes);
  fill_pattern({reinterpret_cast<uint64_t*>(payload.data()), payload.size() / sizeof(uint64_t)}, 0);
  return payload;
}

Json attempt(const Call& call, EndKind from, EndKind to, const std::string& directory) {
  std::vector<std::byte> payload = make_payload();
  const End source = end_to_take_from(from, payload, directory);
  const End target = end_to_give_to(to, directory);
  const Outcome outcome = [&] {
    const Backstop backstop;
    return call.attempt(source.fd.get(), target.fd.get());
  }();

  Json verified = nullptr;
  if (outcome.error == 0 && to != EndKind::device) {
    if (from == EndKind::device) std::memset(payload.data(), 0, payload.size());
    verified = came_out(target, {payload.data(), outcome.bytes});
  }
  const char* error = outcome.error == 0 ? "" : strerrorname_np(outcome.error);
  return {{"call", call.name},
          {"from", name_of(from)},
          {"to", name_of(to)},
          {"bytes", outcome.bytes},
          {"error", error == nullptr ? std::to_string(outcome.error) : error},
          {"refused_by", outcome.refused_by},
          {"verified", verified}};
}

/// After tee both pipes have the bytes.
Json tee_twice(const std::string& directory) {
  const std::vector<std::byte> payload = make_payload();
  End first = end_to_take_from(EndKind::pipe, payload, directory);
  const End second = end_to_give_to(EndKind::pipe, directory);
  const ssize_t doubled = tee(first.fd.get(), second.fd.get(), kBytes, SPLICE_F_NONBLOCK);
  if (doubled < 0) throw system_error("tee from pipe to pipe");
  int left = 0;
  if (ioctl(first.fd.get(), FIONREAD, &left) < 0) throw system_error("asking what is left in the pipe");
  std::swap(first.fd, first.other);  // now to be read back
  const std::span<const std::byte> expected(payload.data(), static_cast<size_t>(doubled));
  return {{"bytes", doubled},
          {"left_in_first_pipe", left},
          {"verified_twice", came_out(second, expected) && came_out(first, payload)}};
}

}  // namespace

void ask_descriptors(const ExperimentOptions& options, Json& document) {
  document["offered_bytes"] = kBytes;
  document["pairs"] = Json::array();
  for (const Call& call : kCalls) {
    tell_stage(options, fmt::format("descriptors: {}", call.name));
    for (const EndKind from : kEndKinds) {
      for (const EndKind to : kEndKinds) document["pairs"].push_back(attempt(call, from, to, options.work_directory));
    }
  }
  document["tee"] = tee_twice(options.work_directory);
  Json arguments;
  for (const CallArguments& known : call_arguments(calls_of_methods())) arguments[known.call] = known.arguments;
  if (!arguments.empty()) document["arguments"] = arguments;
}

}  // namespace zctrace::workloads
