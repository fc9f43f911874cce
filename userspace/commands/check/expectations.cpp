#include "userspace/commands/check/expectations.h"

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/output_file.h"
#include "base/text.h"
#include "userspace/export/junit.h"

namespace zctrace::commands {

void add_expect_options(Command& command, ExpectOptions& options) {
  command
      .option("--expect", options.texts,
              "Exit with 4 unless this holds, such as 'copies <= 0.01' or 'flow(*.bin -> tcp).method == sendfile' "
              "(repeatable; docs/expect.md).")
      .value_name("EXPECTATION");
  command.option("--junit", options.junit, "Write which expectations held as JUnit XML to FILE.").value_name("FILE");
}

Expectations::Expectations(const ExpectOptions& options) : junit_(options.junit) {
  for (const std::string& text : options.texts) expectations_.push_back(expect::parse(text));
  if (junit_.empty()) return;
  if (expectations_.empty())
    throw Error(ExitStatus::usage, "--junit needs an --expect", "add --expect 'copies <= 0.01'");
  check_place(junit_, "--junit");
}

std::vector<Expectations::Result> Expectations::judge(const timeline::Document& document,
                                                      const std::string& measurement) {
  std::vector<Result> results;
  for (const auto& expectation : expectations_)
    results.push_back({measurement, expectation.text, expect::check(expectation, document, chosen_language())});
  results_.insert(results_.end(), results.begin(), results.end());
  return results;
}

void Expectations::check(const timeline::Document& document) {
  constexpr int kMost = 600;
  for (const Result& result : judge(document, document.run.method))
    if (!result.outcome.holds)
      std::fprintf(stderr, "zctrace: %s: expected %s\n", fit(result.measurement, kMost).c_str(),
                   fit(text_of(result), kMost).c_str());
}

void Expectations::write_junit() const {
  if (junit_.empty()) return;
  std::vector<exports::JunitCase> cases;
  for (const Result& result : results_)
    cases.push_back({result.measurement, result.expectation, result.outcome.holds ? "" : text_of(result)});
  OutputFile file(junit_);
  file.write(exports::junit_xml(cases));
  file.commit();
}

void Expectations::finish() const {
  if (!any()) return;
  if (results_.empty()) std::fprintf(stderr, "zctrace: nothing was measured: no expectation holds\n");
  if (results_.empty() || !std::ranges::all_of(results_, [](const Result& each) { return each.outcome.holds; }))
    throw ExitWith{ExitStatus::broken};
}

std::string text_of(const Expectations::Result& result) {
  std::string text = result.expectation + ": " + result.outcome.found;
  if (!result.outcome.holds && !result.outcome.why.empty()) text += "; " + result.outcome.why;
  return text;
}

}  // namespace zctrace::commands
