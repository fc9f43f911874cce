#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "tests/fuzz/target.h"

using namespace zctrace;

namespace {

std::map<std::string, fuzz::Target>& targets() {
  static std::map<std::string, fuzz::Target> all;
  return all;
}

}  // namespace

fuzz::Registration::Registration(const char* name, Target target) { targets()[name] = target; }

TEST_CASE("what fuzzing begins with, and what it found, is read or refused") {
  namespace fs = std::filesystem;
  REQUIRE(targets().size() == 8);
  for (const auto& [name, target] : targets()) {
    CAPTURE(name);
    const fs::path corpora = fs::path(ZCTRACE_SOURCE_DIR) / "tests/fuzz/corpus";
    std::vector<fs::path> files;
    for (const char* folder : {name.c_str(), name == "pictures" ? "documents" : ""})
      if (std::error_code error; *folder)
        for (const auto& entry : fs::directory_iterator(corpora / folder, error)) files.push_back(entry.path());
    CHECK(!files.empty());
    for (const auto& file : files) {
      CAPTURE(file.string());
      std::ifstream stream(file, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      CHECK_NOTHROW(target(bytes));
    }
  }
}
