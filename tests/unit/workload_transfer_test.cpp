#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "base/io.h"
#include "workloads/run/transfer.h"

namespace workload_transfer_test {

using namespace zctrace;
using namespace zctrace;
using namespace zctrace::workloads;

namespace {

std::string executable() {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const auto& directory : {here, here.parent_path()}) {
    if (std::filesystem::exists(directory / "zctrace-workload")) return directory / "zctrace-workload";
  }
  throw Error(ExitStatus::failed, "build zctrace-workload first");
}

TransferResult run(const Method& method, const Source& source, const Path& path, uint64_t chunk) {
  Transfer transfer(method, source, path, chunk, executable());
  transfer.start();
  transfer.release();
  return transfer.finish();
}

/// What finish() complains of.
std::string complaint(Transfer& transfer) {
  try {
    transfer.finish();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// A descriptor of ours of a file without a name on the source's disk, and not the source; -1: none.
int other_nameless_file(const Source& source) {
  for (int fd = 3; fd < 1024; ++fd) {
    struct stat facts {};
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_nlink == 0 && facts.st_ino != source.inode &&
        major(facts.st_dev) == source.device_major && minor(facts.st_dev) == source.device_minor)
      return fd;
  }
  return -1;
}

bool contains(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("every method moves every byte, whatever the size, the chunk and the target") {
  // A transfer is two processes more: what the target has no part in is asked of one.
  const std::vector<const char*> one{"loopback"}, each{"loopback", "file", "pipe"};
  const struct {
    uint64_t size;
    std::vector<uint64_t> chunks;
    std::vector<const char*> kinds;
  } cases[] = {
      {1, {1, 1U << 30}, one},
      {4096, {1, 4096, 65536}, one},
      {4097, {4096, 1U << 30}, each},
      {(1U << 20) + 3, {4095, 65536, 1U << 30}, each},
  };
  for (const auto& [size, chunks, kinds] : cases) {
    const Source source = prepare_source({.size = size});
    for (const uint64_t chunk : chunks) {
      for (const char* kind : kinds) {
        const auto path = make_path(kind);
        for (const Method& method : methods()) {
          if (method.java) continue;  // seconds each: below
          if (unfit_for(method, kind)) {
            CHECK_THROWS_AS(Transfer(method, source, *path, chunk, executable()), Error);
            continue;
          }
          if (missing_for(method)) continue;
          CAPTURE(method.name);
          CAPTURE(kind);
          CAPTURE(size);
          CAPTURE(chunk);
          const TransferResult result = run(method, source, *path, chunk);
          CHECK(result.verified);
          CHECK(result.payload_bytes == size);
          CHECK(result.received_bytes == size * method.sinks);
        }
      }
    }
  }
}

TEST_CASE("the methods in Java move every byte too, or say what is missing") {
  const Source source = prepare_source({.size = (1U << 20) + 3});
  for (const Method& method : methods()) {
    if (!method.java) continue;
    for (const char* kind : {"loopback", "file", "pipe"}) {
      CAPTURE(method.name);
      CAPTURE(kind);
      const auto path = make_path(kind);
      if (!missing_for(method)) {
        const TransferResult result = run(method, source, *path, 65536);
        CHECK(result.verified);
        CHECK(result.received_bytes == source.size);
      } else {
        Transfer transfer(method, source, *path, 65536, executable());
        CHECK_THROWS_WITH_AS(transfer.start(), doctest::Contains("JDK"), Error);
      }
    }
  }
}

TEST_CASE("the states follow one another and the sender waits at its gate") {
  const auto path = make_path("loopback");
  const Source source = prepare_source({.size = 100000});
  Transfer transfer(*find_method("read_write"), source, *path, 4096, executable());
  transfer.start();
  CHECK(transfer.sender_pid() > 0);
  CHECK(transfer.sink_pids().size() == 1);
  CHECK(transfer.poll(50) == Transfer::State::transferring);
  CHECK(transfer.received_bytes() == 0);
  transfer.release();
  Transfer::State last = Transfer::State::transferring;
  while (last < Transfer::State::finished) {
    const Transfer::State next = transfer.poll(1000);
    CHECK(next >= last);
    last = next;
  }
  CHECK(last == Transfer::State::finished);
  CHECK(transfer.received_bytes() == 100000);
  CHECK(transfer.finish().verified);
}

TEST_CASE("a file that changes on the way is noticed") {
  const auto path = make_path("loopback");
  const Source source = prepare_source({.size = 200001});
  {
    Transfer transfer(*find_method("sendfile"), source, *path, 4096, executable());
    transfer.start();
    transfer.release();
    while (transfer.poll(1000) < Transfer::State::finished) continue;
    REQUIRE(pwrite(source.fd.get(), "x", 1, 70000) == 1);
    CHECK(contains(complaint(transfer), "at byte 65536"));
  }
  for (const Method& method : methods()) {
    if (missing_for(method)) continue;
    CAPTURE(method.name);
    const auto way = make_path(default_path(method, "loopback"));
    REQUIRE(ftruncate(source.fd.get(), 200001) == 0);
    Transfer transfer(method, source, *way, 4096, executable());
    transfer.start();
    REQUIRE(ftruncate(source.fd.get(), 100000) == 0);
    transfer.release();
    CHECK(contains(complaint(transfer), "the source shrank"));
  }
}

TEST_CASE("a file is written where the source is generated, nobody reads it, and a byte that differs is noticed") {
  const auto path = make_path("file");
  const Source source = prepare_source({.size = 200001});
  Transfer transfer(*find_method("sendfile"), source, *path, 4096, executable());
  transfer.start();
  CHECK(transfer.sink_pids().empty());
  const int target = other_nameless_file(source);
  REQUIRE(target >= 0);
  transfer.release();
  while (transfer.poll(1000) < Transfer::State::finished) continue;
  CHECK(transfer.received_bytes() == 200001);
  REQUIRE(pwrite(target, "x", 1, 140000) == 1);
  CHECK(contains(complaint(transfer), "at byte 131072"));
}

TEST_CASE("a pipe's reader that dies is named") {
  const auto path = make_path("pipe");
  const Source source = prepare_source({.size = 1U << 20});
  for (const char* method : {"read_write", "sendfile", "splice"}) {
    CAPTURE(method);
    Transfer transfer(*find_method(method), source, *path, 16, executable());
    transfer.start();
    REQUIRE(transfer.sink_pids().size() == 1);
    kill(transfer.sink_pids()[0], SIGKILL);
    transfer.release();
    CHECK(contains(complaint(transfer), "the sink died (signal 9) after 0 bytes"));
  }
}

TEST_CASE("a sink or a sender that dies is named, and stop() ends it all") {
  const auto path = make_path("loopback");
  const Source source = prepare_source({.size = 4U << 20});
  const Method& method = *find_method("tee");
  {
    Transfer transfer(method, source, *path, 1, executable());
    transfer.start();
    transfer.release();
    transfer.poll(20);
    kill(transfer.sink_pids()[1], SIGKILL);
    CHECK(contains(complaint(transfer), "the sink died (signal 9) after "));
  }
  {
    Transfer transfer(method, source, *path, 1, executable());
    transfer.start();
    kill(transfer.sender_pid(), SIGKILL);
    CHECK(complaint(transfer) == "the sender died (signal 9)");
  }
  pid_t sender = 0;
  {
    Transfer transfer(method, source, *path, 1, executable());
    transfer.start();
    sender = transfer.sender_pid();
    transfer.release();
    transfer.stop();
    CHECK(transfer.poll(0) == Transfer::State::failed);
    CHECK(complaint(transfer) == "the transfer was stopped");
  }
  CHECK(kill(sender, 0) == -1);
}

TEST_CASE("what a method does otherwise than asked is told") {
  const auto path = make_path("loopback");
  const Source source = prepare_source({.size = 5000});
  if (!source.disk.dma) return;  // only a disk's blocks impose an alignment
  Transfer transfer(*find_method("direct_io"), source, *path, 1000, executable());
  transfer.start();
  REQUIRE(transfer.notes().size() == 1);
  CHECK(contains(transfer.notes()[0].text, "the chunk of 1000 was rounded up"));
}

TEST_CASE("paths that cannot be had say so") {
  CHECK_THROWS_AS(make_path("teleport"), Error);
  CHECK_THROWS_AS(make_path("file", {.sg = false, .tx = {}, .tso = {}, .gso = {}}), Error);
  if (!std::filesystem::exists("/run/zctrace/lab")) CHECK_THROWS_AS(make_path("nic"), Error);
}

TEST_CASE("an executable that is not there is named") {
  const auto path = make_path("loopback");
  const Source source = prepare_source({.size = 1});
  Transfer transfer(*find_method("sendfile"), source, *path, 1, "/nowhere/zctrace-workload");
  try {
    transfer.start();
    FAIL("it started");
  } catch (const Error& error) {
    CHECK(contains(error.what(), "/nowhere/zctrace-workload: No such file"));
  }
}

TEST_CASE("veth: the device does what is wished, and says so") {
  if (geteuid() != 0) return;  // making it needs root
  const auto path = make_path("veth", {.sg = false, .tx = {}, .tso = {}, .gso = {}});
  CHECK(path->facts().driver == "veth");
  CHECK(!path->facts().dma);
  CHECK(!path->facts().scatter_gather);
  CHECK(!path->facts().tso);
  CHECK(make_path("veth")->facts().scatter_gather);
  const Source source = prepare_source({.size = 300001});
  for (const Method& method : methods())
    if (takes(method, "veth") && !missing_for(method)) CHECK(run(method, source, *path, 65536).verified);
  CHECK_THROWS_AS(make_path("veth", {.sg = false, .tx = {}, .tso = true, .gso = {}}), Error);
}

}  // namespace workload_transfer_test
