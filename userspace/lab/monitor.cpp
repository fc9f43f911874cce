#include "userspace/lab/monitor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/io.h"

namespace zctrace::lab {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kAnswerLimit{30};
constexpr std::chrono::milliseconds kPause{5};

void send_with_fd(int socket, const std::string& text, int fd) {
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
  }
  // The commands are far shorter than a socket's buffer.
  if (uninterrupted([&] { return sendmsg(socket, &message, MSG_NOSIGNAL); }) != static_cast<ssize_t>(text.size()))
    throw system_error("speaking with QEMU");
}

}  // namespace

std::string Monitor::read_line(Clock::time_point deadline) {
  for (;;) {
    if (const size_t end = read_.find('\n'); end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd polled{socket_.get(), POLLIN, 0};
    if (left <= 0) throw Error(ExitStatus::failed, "QEMU does not answer");
    if (poll(&polled, 1, static_cast<int>(left)) <= 0) continue;
    std::array<char, 4096> bytes;
    const ssize_t got = uninterrupted([&] { return read(socket_.get(), bytes.data(), bytes.size()); });
    if (got <= 0) throw Error(ExitStatus::failed, "QEMU has ended");
    read_.append(bytes.data(), static_cast<size_t>(got));
  }
}

void Monitor::greet() {
  if (greeted_) return;
  greeted_ = true;
  read_line(Clock::now() + kAnswerLimit);  // its version
  execute("qmp_capabilities");
}

std::string Monitor::execute(std::string_view command, std::string_view arguments, int passed_fd) {
  greet();
  send_with_fd(socket_.get(), fmt::format("{{\"execute\": \"{}\", \"arguments\": {}}}\n", command, arguments),
               passed_fd);
  for (const auto deadline = Clock::now() + kAnswerLimit;;) {
    const json answer = json::parse(read_line(deadline), nullptr, false);
    if (!answer.is_object()) throw Error(ExitStatus::failed, "QEMU's answer is no JSON object");
    if (answer.contains("error"))
      throw Error(ExitStatus::failed,
                  fmt::format("QEMU refuses {}: {}", command, answer["error"].value("desc", "no reason given")));
    if (answer.contains("return")) return answer["return"].dump();
    // else an event
  }
}

void Monitor::wait_until_running() {
  for (const auto deadline = Clock::now() + kAnswerLimit;;) {
    const std::string status = json::parse(execute("query-status")).value("status", "");
    if (status == "running") return;
    if (status == "paused") execute("cont");  // as save() had stopped it
    if (Clock::now() > deadline) throw Error(ExitStatus::failed, "the machine's state was not read in time");
    std::this_thread::sleep_for(kPause);
  }
}

void Monitor::plug(std::string_view properties) { execute("device_add", properties); }

void Monitor::save(int file) {
  execute("stop");
  execute("migrate-set-parameters", fmt::format("{{\"max-bandwidth\": {}}}", uint64_t{1} << 40));
  execute("getfd", R"({"fdname": "state"})", file);
  execute("migrate", R"({"uri": "fd:state"})");
  for (const auto deadline = Clock::now() + kAnswerLimit;;) {
    const std::string status = json::parse(execute("query-migrate")).value("status", "");
    if (status == "completed") break;
    if (status == "failed" || status == "cancelled" || Clock::now() > deadline)
      throw Error(ExitStatus::failed, "QEMU cannot write the machine's state");
    std::this_thread::sleep_for(kPause);
  }
  execute("cont");
}

}  // namespace zctrace::lab
