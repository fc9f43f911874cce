#include "base/command_line.h"
#include "userspace/commands/commands.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "model/timeline/json_read.h"
#include "userspace/commands/check/expectations.h"

namespace zctrace::commands {

namespace {

/// "a.json", or where it holds several "a.json: splice".
std::string name_of(const std::string& file, const timeline::Document& document, bool several) {
  return several ? file + ": " + document.run.method : file;
}

void print(const Expectations::Result& result) {
  constexpr int kMost = 600;
  std::printf("%s %s: %s\n", result.outcome.holds ? "holds " : "broken", fit(result.measurement, kMost).c_str(),
              fit(text_of(result), kMost).c_str());
}

void check(const std::vector<std::string>& files, const ExpectOptions& options) {
  if (options.texts.empty())
    throw Error(ExitStatus::usage, "nothing is expected", "zctrace check FILE --expect 'copies <= 0.01'");
  Expectations expectations(options);
  for (const std::string& file : files) {
    const auto documents = timeline::read_summaries(file);
    for (const timeline::Document& document : documents)
      for (const auto& result : expectations.judge(document, name_of(file, document, documents.size() > 1)))
        print(result);
  }
  expectations.write_junit();
  expectations.finish();
}

}  // namespace

void add_check(Command& program) {
  struct Arguments {
    std::vector<std::string> files;
    ExpectOptions expect;
  };
  const auto arguments = std::make_shared<Arguments>();
  Command command = program.subcommand("check", "Check that recorded runs show what is expected of them.");
  command.option("FILE", arguments->files, "Recordings to check; - reads standard input.").required();
  add_expect_options(command, arguments->expect);
  command.footer(
      "Exits with 0 where every expectation holds of every recording, else with 4. What is unknown never holds.\n"
      "\nExamples:\n  zctrace check a.json --expect 'copies <= 0.01'\n"
      "  zctrace check a.json --expect 'flow(*.bin -> tcp).method == sendfile'");
  command.on_call([arguments] { check(arguments->files, arguments->expect); });
}

}  // namespace zctrace::commands
