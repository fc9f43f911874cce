#include "base/command_line.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

using namespace zctrace;

TEST_CASE("command line: what was given is forwarded, in one word an option, but for operands and what is left out") {
  CommandLine line("program", "");
  std::string file, size, place, left, unlisted, secret;
  std::vector<std::string> names;
  bool loud = false, quiet = false;
  Command run = line.root().subcommand("run", "");
  run.option("FILE", file);
  run.option("-s,--size", size);
  run.option("--not-given", left);
  run.option("--name", names);
  run.option("-o,--output", place);
  run.flag("--loud", loud);
  run.flag("--quiet", quiet);
  run.option("--unlisted", unlisted).hidden();
  run.option("--secret", secret).hidden();
  static constexpr std::array<std::string_view, 2> kWithout{"--output", "--secret"};
  std::vector<std::string> given;
  run.on_call([&] { given = run.given_options(kWithout); });
  const char* words[] = {"program", "run", "a file", "-s",         "4 MiB", "--name=--a", "--loud", "--name",
                         "b",       "-o",  "x",      "--unlisted", "u",     "--secret",   "s"};
  CHECK(line.run(static_cast<int>(std::size(words)), words));
  CHECK(given == std::vector<std::string>{"--size=4 MiB", "--name=--a", "--name=b", "--loud", "--unlisted=u"});
}

TEST_CASE("command line: an option without a value is none that was not given") {
  CommandLine line("program", "");
  std::string size;
  line.root().option("--size", size);
  const char* without[] = {"program", "--size", ""};
  CHECK_THROWS_WITH_AS(line.run(3, without), doctest::Contains("--size"), Error);
}
