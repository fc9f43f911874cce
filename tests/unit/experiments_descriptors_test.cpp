#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/io.h"
#include "workloads/experiments/call_arguments.h"
#include "workloads/experiments/ends.h"

namespace experiments_descriptors_test {

using namespace zctrace;
using namespace zctrace::workloads;

namespace {

std::vector<std::byte> bytes_of(const char* text) {
  const auto* first = reinterpret_cast<const std::byte*>(text);
  return {first, first + std::strlen(text)};
}

}  // namespace

TEST_CASE("what is put into an end of any kind comes out of it") {
  const std::vector<std::byte> payload = bytes_of("sixteen bytes, 16");
  for (const EndKind kind : kEndKinds) {
    CAPTURE(name_of(kind));
    const End from = end_to_take_from(kind, payload, {});
    std::vector<std::byte> got(payload.size());
    REQUIRE(read(from.fd.get(), got.data(), got.size()) == static_cast<ssize_t>(payload.size()));
    if (kind == EndKind::device) {
      CHECK(got == std::vector<std::byte>(payload.size()));  // zeros
    } else {
      CHECK(got == payload);
    }
    const End to = end_to_give_to(kind, {});
    REQUIRE(write(to.fd.get(), payload.data(), payload.size()) == static_cast<ssize_t>(payload.size()));
    if (kind != EndKind::device) CHECK(came_out(to, payload));
  }
}

TEST_CASE("what differs, is missing or is too much did not come out") {
  for (const EndKind kind : {EndKind::file, EndKind::pipe, EndKind::socket}) {
    CAPTURE(name_of(kind));
    for (const char* given : {"payloaD", "payloads"}) {
      const End to = end_to_give_to(kind, {});
      REQUIRE(write(to.fd.get(), given, std::strlen(given)) > 0);
      CHECK_FALSE(came_out(to, bytes_of("payload")));
    }
  }
  CHECK_FALSE(came_out(end_to_give_to(EndKind::file, {}), bytes_of("payload")));
}

TEST_CASE("an end that could block does not") {
  const End pipe = end_to_give_to(EndKind::pipe, {});
  const std::vector<char> much(1U << 20);
  while (write(pipe.fd.get(), much.data(), much.size()) > 0) continue;
  CHECK(errno == EAGAIN);
  const End socket = end_to_take_from(EndKind::socket, bytes_of("x"), {});
  char got[2];
  CHECK(read(socket.fd.get(), got, sizeof(got)) == 1);
  CHECK(read(socket.fd.get(), got, sizeof(got)) < 0);
  CHECK(errno == EAGAIN);
}

TEST_CASE("a system call's arguments are the fields of its trace event that are the call's own") {
  const std::string common =
      "name: sys_enter_write\nID: 732\nformat:\n"
      "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
      "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";
  const std::string number = "\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n";
  const std::string own =
      "\tfield:unsigned int fd;\toffset:16;\tsize:8;\tsigned:0;\n"
      "\tfield:const char * buf;\toffset:24;\tsize:8;\tsigned:0;\n"
      "\tfield:size_t count;\toffset:32;\tsize:8;\tsigned:0;\n";
  // Newer kernels add what the pointers point to.
  const std::string added = "\tfield:__data_loc u8[] __buf_val;\toffset:40;\tsize:4;\tsigned:0;\n";
  const std::string end = "\nprint fmt: \"fd: 0x%08lx\", ((unsigned long)(REC->fd))\n";
  CHECK(arguments_in(common + number + own + end) == 3U);
  CHECK(arguments_in(common + number + own + added + end) == 3U);
  CHECK(arguments_in(common + number + end) == 0U);
  CHECK_FALSE(arguments_in(common + own + end));
  CHECK_FALSE(arguments_in(""));
}

TEST_CASE("the calls that are asked for are those of the methods, each once") {
  const std::vector<std::string> calls = calls_of_methods();
  CHECK(std::count(calls.begin(), calls.end(), "sendfile") == 1);
  CHECK(std::count(calls.begin(), calls.end(), "splice") == 1);
  CHECK(std::count(calls.begin(), calls.end(), "read") == 1);
  for (const std::string& call : calls) CHECK(call.find_first_of(" (),") == std::string::npos);
}

}  // namespace experiments_descriptors_test
