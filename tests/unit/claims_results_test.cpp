#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/output_file.h"
#include "model/claims/experiments.h"
#include "model/claims/results.h"

namespace claims_results_test {

using namespace zctrace;

TEST_CASE("results: what was recorded under an experiment's former name is read") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("zctrace-results-" + std::to_string(getpid()));
  fs::create_directories(folder);
  const auto write = [&](const char* file, const char* experiment) {
    std::ofstream(folder / file) << R"({"schema": "zctrace.experiment/1", "experiment": ")" << experiment
                                 << R"(", "kernel": {"release": "6.12.1", "where": "host"}})";
  };
  write("duel.json", "duel");
  CHECK(claims::Results(folder).program("ab_benchmark") != nullptr);
  write("duel.json", "sweep");
  CHECK_THROWS_AS(claims::Results{folder}, Error);
  write("ab_benchmark.json", "ab_benchmark");  // goes before
  CHECK(claims::Results(folder).program("ab_benchmark") != nullptr);
  CHECK(claims::find_experiment("duel") == claims::find_experiment("ab_benchmark"));
  CHECK(claims::find_experiment("") == nullptr);
  const auto compressed = [&](const std::string& name, const std::string& content) {
    OutputFile file(folder / name);
    file.write(content);
    file.commit();
  };
  compressed("descriptors.json.zst",
             R"({"schema": "zctrace.experiment/1", "experiment": "descriptors", "failed": "no pipe"})");
  const claims::Results all(folder);
  CHECK(all.failure("descriptors") == "no pipe");
  CHECK(all.file("descriptors") == folder / "descriptors.json.zst");
  CHECK(all.file("ab_benchmark") == folder / "ab_benchmark.json");
  CHECK(all.file("splice").empty());
  compressed("descriptors.json.zst", R"({"schema": "zctrace.experiment/1", "experi)");
  CHECK_THROWS_AS(claims::Results{folder}, Error);
  fs::remove_all(folder);
}

}  // namespace claims_results_test
