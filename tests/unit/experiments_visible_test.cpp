#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/io.h"
#include "workloads/experiments/ends.h"
#include "workloads/experiments/memory_search.h"

namespace experiments_visible_test {

using namespace zctrace;
using namespace zctrace::workloads;

namespace {

constexpr size_t kMost = 1000 * kBlock;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // its process holds terabytes of shadow memory, all of which would be searched
#else
constexpr bool kSanitized = false;
#endif

/// A process that is forked before there is a payload, and gets it later: into memory of its own, at an odd address.
class Holder {
 public:
  Holder() : there_(make_pipe(1)), back_(make_pipe(1)) {
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    void* memory = mmap(nullptr, kMost + kBlock, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t length = 0;
    if (memory == MAP_FAILED || read(there_.out.get(), &length, sizeof(length)) != sizeof(length)) _exit(1);
    for (char* place = static_cast<char*>(memory) + 13; length > 0;) {
      const ssize_t got = read(there_.out.get(), place, length);
      if (got <= 0) _exit(1);
      place += got;
      length -= static_cast<size_t>(got);
    }
    if (write(back_.in.get(), "D", 1) != 1) _exit(1);
    for (;;) pause();
  }
  ~Holder() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  void hold(std::span<const std::byte> bytes) {
    const size_t length = bytes.size();
    send_all(there_.in.get(), &length, sizeof(length));
    send_all(there_.in.get(), bytes.data(), length);
    char done;
    REQUIRE(read(back_.out.get(), &done, 1) == 1);
  }
  pid_t pid() const { return pid_; }

 private:
  Pipe there_, back_;
  pid_t pid_;
};

}  // namespace

TEST_CASE("a line of maps") {
  const auto library = parse_region("7f00a000-7f00c000 r-xp 00001000 103:01 4711                 /usr/lib/a b.so");
  REQUIRE(library);
  CHECK(library->begin == 0x7f00a000);
  CHECK(library->end == 0x7f00c000);
  CHECK(library->inode == 4711);
  CHECK(library->name == "/usr/lib/a b.so");
  CHECK(parse_region("7ffd1000-7ffd3000 rw-p 00000000 00:00 0    [stack]")->name == "[stack]");
  const auto anonymous = parse_region("7f10000-7f20000 rw-p 00000000 00:00 0 ");
  REQUIRE(anonymous);
  CHECK(anonymous->name.empty());
  CHECK(anonymous->inode == 0);
  CHECK_FALSE(parse_region(""));
  CHECK_FALSE(parse_region("not a line"));
}

TEST_CASE("a block is known by every one of its bytes") {
  const MarkedPayload payload(5);
  REQUIRE(payload.blocks() == 5);
  const auto bytes = payload.bytes();
  for (size_t block = 0; block < 5; ++block) CHECK(payload.block_at(bytes.subspan(block * kBlock)) == block);
  CHECK_FALSE(payload.block_at(bytes.subspan(1)));
  CHECK_FALSE(payload.block_at(bytes.subspan(4 * kBlock, kBlock - 1)));  // not whole
  std::vector<std::byte> altered(bytes.begin(), bytes.begin() + kBlock);
  CHECK(payload.block_at(altered) == 0U);
  altered.back() ^= std::byte{1};
  CHECK_FALSE(payload.block_at(altered));
  CHECK_FALSE(MarkedPayload(5).block_at(bytes));  // another payload has other marks
}

TEST_CASE("what another process holds is found, at any address, and only what it holds whole" *
          doctest::skip(kSanitized)) {
  Holder all, some, nothing;
  const MarkedPayload payload(600);  // more than one window of the search
  all.hold(payload.bytes());
  some.hold(payload.bytes().subspan(kBlock, 3 * kBlock - 1));
  CHECK(find_payload(all.pid(), payload, 0).visible_bytes == 600 * kBlock);
  CHECK(find_payload(some.pid(), payload, 0).visible_bytes == 2 * kBlock);
  const Found found = find_payload(nothing.pid(), payload, 0);
  CHECK(found.visible_bytes == 0);
  CHECK(found.regions > 5);
  CHECK(found.searched_bytes > kMost);
}

TEST_CASE("what is mapped from the source is told from what was copied" * doctest::skip(kSanitized)) {
  const MarkedPayload payload(8);
  const Fd file = make_file(payload.bytes(), {});
  struct stat facts {};
  REQUIRE(fstat(file.get(), &facts) == 0);
  void* mapped = mmap(nullptr, 8 * kBlock, PROT_READ, MAP_SHARED, file.get(), 0);
  REQUIRE(mapped != MAP_FAILED);
  const Holder mapper;  // it has our mapping
  CHECK(find_payload(mapper.pid(), payload, facts.st_ino).mapped_bytes == 8 * kBlock);
  CHECK(find_payload(mapper.pid(), payload, facts.st_ino + 1).mapped_bytes == 0);
  munmap(mapped, 8 * kBlock);
}

}  // namespace experiments_visible_test
