#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/fd.h"
#include "base/output_file.h"

namespace zctrace {
namespace {

namespace fs = std::filesystem;

struct Scratch {
  Scratch() {
    std::string name = (fs::temp_directory_path() / "output-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    folder = name;
  }
  ~Scratch() { fs::remove_all(folder); }
  fs::path operator/(const std::string& name) const { return folder / name; }
  fs::path folder;
};

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

void save(const fs::path& path, const std::string& text) {
  OutputFile file(path.string());
  file.write(text);
  file.commit();
}

mode_t mode(const fs::path& path) {
  struct stat facts = {};
  REQUIRE(lstat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

TEST_CASE("output: a plain file is replaced whole, and keeps its mode and owner") {
  const Scratch scratch;
  const auto path = scratch / "x.json";
  put(path, "what was there before");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  if (geteuid() == 0) REQUIRE(chown(path.c_str(), 1234, 5678) == 0);
  {
    OutputFile unfinished(path.string());
    unfinished.write("half");
  }
  CHECK(content(path) == "what was there before");
  save(path, "new");
  CHECK(content(path) == "new");
  CHECK(mode(path) == 0600);
  if (geteuid() != 0) return;
  struct stat facts = {};
  REQUIRE(stat(path.c_str(), &facts) == 0);
  CHECK(facts.st_uid == 1234);
  CHECK(facts.st_gid == 5678);
}

TEST_CASE("output: links stay links, and all names of a file show the new content") {
  const Scratch scratch;
  put(scratch / "target", "a longer text than the new one");
  fs::create_symlink("target", scratch / "link");
  fs::create_hard_link(scratch / "target", scratch / "other");
  save(scratch / "link", "new");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(content(scratch / "other") == "new");
  save(scratch / "other", "newer");
  CHECK(content(scratch / "target") == "newer");
  fs::create_symlink("made", scratch / "to nothing");
  save(scratch / "to nothing", "made");
  CHECK(content(scratch / "made") == "made");
}

TEST_CASE("output: a descriptor of ours is shared, wherever it leads") {
  CHECK(place_of("/dev/stdout").descriptor == 1);
  CHECK(place_of("/dev/stderr").descriptor == 2);
  const Scratch scratch;
  const Fd file(open((scratch / "x").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  REQUIRE(file);
  REQUIRE(write(file.get(), "before ", 7) == 7);
  save("/dev/fd/" + std::to_string(file.get()), "and after");
  CHECK(content(scratch / "x") == "before and after");
  CHECK_THROWS_AS(place_of("/dev/fd/987"), Error);
}

TEST_CASE("output: what cannot be written is said before anything is measured") {
  const Scratch scratch;
  CHECK_THROWS_AS(check_place(scratch.folder.string(), "-o"), Error);
  CHECK_THROWS_AS(check_place((scratch / std::string(256, 'x')).string(), "-o"), Error);
  CHECK_THROWS_AS(check_place((scratch / "no/folder").string(), "-o"), Error);
  fs::create_symlink("loop", scratch / "loop");
  CHECK_THROWS_AS(check_place((scratch / "loop").string(), "-o"), Error);
  const auto longest = scratch / std::string(255, 'x');
  check_place(longest.string(), "-o");
  save(longest, "fits");
  CHECK(content(longest) == "fits");
}

TEST_CASE("output: under sudo it belongs to who called it, in their own folder only") {
  if (geteuid() != 0) return;
  const Scratch scratch;
  setenv("SUDO_UID", "1234", 1);
  setenv("SUDO_GID", "5678", 1);
  const auto owner = [](const fs::path& path) {
    struct stat facts = {};
    REQUIRE(stat(path.c_str(), &facts) == 0);
    return facts.st_uid;
  };
  save(scratch / "root's", "");
  CHECK(owner(scratch / "root's") == 0);
  REQUIRE(chown(scratch.folder.c_str(), 1234, 5678) == 0);
  save(scratch / "theirs", "");
  make_folder((scratch / "a").string());
  make_folder((scratch / "a/b").string());
  save(scratch / "a/b/c", "");
  for (const char* name : {"theirs", "a", "a/b", "a/b/c"}) CHECK(owner(scratch / name) == 1234);
  unsetenv("SUDO_UID");
  unsetenv("SUDO_GID");
}

}  // namespace
}  // namespace zctrace
