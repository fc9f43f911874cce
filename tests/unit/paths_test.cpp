#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "model/language/texts.h"
#include "userspace/capture/paths.h"

namespace paths_test {

using namespace zctrace;
using namespace zctrace::capture;

namespace {

std::string english(Text text) { return std::string(words(text, Language::english)); }

/// The functions of its hooks: "a or b, c".
std::string functions(const Path& path) {
  std::vector<std::string> all;
  for (const auto& alternatives : path.hooks) {
    std::vector<std::string> names;
    for (const Probe* probe : alternatives)
      if (std::ranges::find(names, probe->target) == names.end()) names.push_back(probe->target);
    all.push_back(fmt::format("{}", fmt::join(names, " or ")));
  }
  return fmt::format("{}", fmt::join(all, ", "));
}

/// Its row of docs/paths.md, but for what each kernel's doctor says.
std::pair<std::string, std::string> row_of(const Path& path) {
  const std::string why = path.why == Text::path_counted ? "" : english(path.why);
  const std::string since = *path.since ? fmt::format(" (since {})", path.since) : "";
  return {fmt::format("| {} | {} | {}{} | ", english(path.title), english(text_of(path.does)), path.recognised, since),
          fmt::format(" | {} | {} | {} |", english(text_of(path.by_tracepoints)), functions(path), why)};
}

}  // namespace

TEST_CASE("docs/paths.md and the map are one") {
  std::ifstream file(std::filesystem::path(ZCTRACE_SOURCE_DIR) / "docs/paths.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| ")) lines.push_back(line);
  REQUIRE(!lines.empty());
  lines.erase(lines.begin());  // the heads
  CHECK(lines.size() == paths().size());
  for (size_t i = 0; i < std::min(lines.size(), paths().size()); ++i) {
    const auto [first, last] = row_of(paths()[i]);
    INFO(lines[i]);
    INFO(first, "…", last);
    CHECK(lines[i].starts_with(first));
    CHECK(lines[i].ends_with(last));
  }
}

TEST_CASE("each path of the map says how it is counted, or why it is not") {
  std::set<std::string> titles;
  for (const Path& path : paths()) {
    CAPTURE(path.name);
    CHECK(titles.insert(english(path.title)).second);
    CHECK(path.hooks.empty() == (path.counted == Known::unknown));
    CHECK((path.why == Text::path_counted) == (path.counted == Known::exact));
    CHECK(*path.recognised);
  }
}

}  // namespace paths_test
