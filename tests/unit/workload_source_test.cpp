#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <set>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "workloads/file/hashes.h"
#include "workloads/file/source.h"

namespace workload_source_test {

using namespace zctrace;
using namespace zctrace;
using namespace zctrace::workloads;

namespace {

std::vector<char> sample(size_t bytes) {
  std::vector<uint64_t> words(bytes / sizeof(uint64_t) + 1);
  fill_pattern(words, 0);
  const char* start = reinterpret_cast<const char*>(words.data());
  return {start, start + bytes};
}

std::vector<uint64_t> hashes_of(const std::vector<char>& data) {
  BlockHasher hasher;
  hasher.add(data.data(), data.size());
  return hasher.finish();
}

/// What the error says, or nothing.
std::string complaint(const SourceOptions& options) {
  try {
    prepare_source(options);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("the pattern does not repeat and does not depend on where one begins") {
  std::vector<uint64_t> words(100000), rest(99990);
  fill_pattern(words, 0);
  fill_pattern(rest, 10);
  CHECK(std::set<uint64_t>(words.begin(), words.end()).size() == words.size());
  CHECK(std::equal(rest.begin(), rest.end(), words.begin() + 10));
}

TEST_CASE("the hashes do not depend on how the stream is cut") {
  const std::vector<char> data = sample(200001);
  const auto whole = hashes_of(data);
  CHECK(whole.size() == 4);
  for (size_t piece : {1000, 65535, 65536, 65537, 150000}) {
    BlockHasher hasher;
    for (size_t at = 0; at < data.size(); at += piece) hasher.add(&data[at], std::min(piece, data.size() - at));
    CHECK(hasher.bytes() == data.size());
    CHECK(hasher.finish() == whole);
  }
}

TEST_CASE("one flipped bit, a missing byte and a byte too many are found, and where") {
  const std::vector<char> data = sample(200001);
  const auto expected = hashes_of(data);
  CHECK(!first_difference(expected, hashes_of(data)));
  for (size_t at : {size_t{0}, size_t{65535}, size_t{65536}, size_t{200000}}) {
    std::vector<char> flipped = data;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    CHECK(first_difference(expected, hashes_of(flipped)) == at / kHashBlock * kHashBlock);
  }
  std::vector<char> shorter = data, longer = data;
  shorter.pop_back();
  longer.push_back('x');
  CHECK(first_difference(expected, hashes_of(shorter)) == 3 * kHashBlock);
  CHECK(first_difference(expected, hashes_of(longer)) == 3 * kHashBlock);
  const std::vector<char> whole_blocks = sample(2 * kHashBlock);
  CHECK(first_difference(hashes_of(whole_blocks), hashes_of(sample(kHashBlock))) == kHashBlock);
}

TEST_CASE("extents are sorted and joined") {
  CHECK(merge_extents({}).empty());
  CHECK(merge_extents({{100, 8}, {0, 8}, {8, 8}, {200, 0}, {104, 8}}) == std::vector<Extent>{{0, 16}, {100, 12}});
  CHECK(merge_extents({{0, 100}, {10, 10}}) == std::vector<Extent>{{0, 100}});
}

TEST_CASE("a generated source is cold, complete and nameless") {
  const Source source = prepare_source({.size = 1000003});
  CHECK(source.size == 1000003);
  CHECK(source.inode != 0);
  CHECK(lseek(source.fd.get(), 0, SEEK_CUR) == 0);
  CHECK(hash_file(source.fd.get(), source.size) == hashes_of(sample(1000003)));
  CHECK_THROWS_AS(hash_file(source.fd.get(), source.size + 1), Error);
  if (source.disk.dma) {
    CHECK(source.resident_known);
    CHECK(source.resident_bytes == 0);
  }
  if (source.disk.extents_known) {
    uint64_t sectors = 0;
    for (const Extent& extent : source.disk.extents) sectors += extent.sectors;
    CHECK(sectors * 512 >= source.size);
    CHECK(sectors * 512 < source.size + 65536);
  }
}

TEST_CASE("a copy of the user's file is transferred in its place, under its name") {
  const Source original = prepare_source({.size = 2500001});
  const std::string name = "/proc/self/fd/" + std::to_string(original.fd.get());
  const Source copy = prepare_source({.file = name, .copy = true});
  CHECK(copy.file == name);
  CHECK(copy.inode != original.inode);
  CHECK(copy.size == 2500001);
  CHECK(hash_file(copy.fd.get(), copy.size) == hash_file(original.fd.get(), original.size));
  CHECK(source_size({.file = name}) == 2500001);
  CHECK(source_size({.file = name, .size = 7}) == 7);
  CHECK_THROWS_AS(source_size({.file = name, .size = 2500002}), Error);
}

TEST_CASE("a warm source is in the page cache, and memory is no disk") {
  const Source warm = prepare_source({.size = 300001, .cache = Cache::warm});
  CHECK(warm.resident_bytes == 300001);
  const Source memory = prepare_source({.size = 300001, .work_directory = "/dev/shm"});
  CHECK((memory.disk.filesystem == "tmpfs" || memory.disk.filesystem == "devtmpfs"));
  CHECK(!memory.disk.dma);
  CHECK(!memory.disk.extents_known);
  CHECK(memory.disk.disk_major == 0);
}

TEST_CASE("a source that cannot be used says why in one line") {
  CHECK(contains(complaint({.file = "/nowhere/at/all"}), "there is no file /nowhere/at/all"));
  CHECK(contains(complaint({.file = "/tmp"}), "is a directory"));
  CHECK(contains(complaint({.file = "/dev/null"}), "not a regular file"));
  CHECK(contains(complaint({.size = 0}), "0 bytes"));
  CHECK(contains(complaint({.size = uint64_t{1} << 60}), "MiB free"));
  CHECK(contains(complaint({.size = 1, .work_directory = "/nowhere"}), "/nowhere"));
  CHECK(contains(complaint({.file = "/proc/self/exe", .size = uint64_t{1} << 40}), "fewer than --size"));

  char name[] = "/tmp/zctrace-test-XXXXXX";
  const Fd empty(mkstemp(name));
  CHECK(contains(complaint({.file = name}), "is empty"));
  unlink(name);
}

}  // namespace workload_source_test
