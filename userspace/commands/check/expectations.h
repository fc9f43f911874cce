#pragma once

#include <string>
#include <vector>

#include "base/command_line.h"
#include "model/expect/check.h"
#include "model/timeline/model.h"

namespace zctrace::commands {

struct ExpectOptions {
  std::vector<std::string> texts;  ///< --expect
  std::string junit;               ///< --junit
};

void add_expect_options(Command& command, ExpectOptions& options);

/// What measurements are expected to show, and whether they did.
class Expectations {
 public:
  struct Result {
    std::string measurement, expectation;
    expect::Outcome outcome;
  };

  Expectations() = default;
  /// Throws Error, before anything is measured: a text that is no expectation, a place that cannot be written.
  explicit Expectations(const ExpectOptions& options);

  const std::string& junit() const { return junit_; }  ///< where its results are written; empty: nowhere
  bool any() const { return !expectations_.empty(); }
  /// Judges a measurement of that name by all of them; returns one result each.
  std::vector<Result> judge(const timeline::Document& document, const std::string& measurement);
  /// The same, and prints on standard error what does not hold, one line each.
  void check(const timeline::Document& document);
  /// Writes --junit. Throws Error.
  void write_junit() const;
  /// Throws ExitWith (broken) unless all of them held, of every measurement, of which there was one.
  void finish() const;

 private:
  std::vector<expect::Expectation> expectations_;
  std::string junit_;
  std::vector<Result> results_;
};

/// "copies <= 0.01: 1.00; why"
std::string text_of(const Expectations::Result& result);

}  // namespace zctrace::commands
