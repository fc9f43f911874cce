#include "base/command_line.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/nearest.h"

namespace command_line_test {

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

TEST_CASE("command line: what was probably meant is named") {
  CommandLine line("program", "");
  std::string size, language;
  line.root().option("--lang", language);
  Command run = line.root().subcommand("run", "");
  run.option("--size", size);
  const auto complaint = [&](std::vector<const char*> words) {
    try {
      line.run(static_cast<int>(words.size()), words.data());
    } catch (const Error& error) {
      return std::string(error.what()) + " | " + error.hint;
    }
    return std::string();
  };
  CHECK(complaint({"program", "run", "--sise", "3"}) ==
        "unknown option '--sise'; did you mean '--size'? | program run --help");
  CHECK(complaint({"program", "rnu"}) == "unknown command 'rnu'; did you mean 'run'? | program --help");
  CHECK(complaint({"program", "--lang", "zh", "rnu"}) == "unknown command 'rnu'; did you mean 'run'? | program --help");
  CHECK(complaint({"program", "--lang"}).find("--lang") == 0);
  CHECK(complaint({"program", "cat", "a file"}) == "unknown command 'cat' | program exec -- cat ...");
  CHECK(nearest("Splice", {"sendfile", "splice"}) == "splice");
  CHECK(nearest("ab", {"cd"}).empty());
}

TEST_CASE("command line: help is there for whoever asks in another way") {
  CommandLine line("program", "");
  line.version("program 1");
  std::string language;
  line.root().option("--lang", language);
  line.root().subcommand("run", "");
  const std::vector<std::vector<const char*>> all{{"program"},
                                                  {"program", "help"},
                                                  {"program", "help", "run"},
                                                  {"program", "--lang", "zh", "help", "run"},
                                                  {"program", "--lang=zh", "version"},
                                                  {"program", "version"},
                                                  {"program", "-V"}};
  for (const auto& words : all)
    CHECK_FALSE(line.run(static_cast<int>(words.size()), words.data()));
}

}  // namespace command_line_test
