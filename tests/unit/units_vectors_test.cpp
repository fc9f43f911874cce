#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/units.h"

namespace units_vectors_test {

using namespace zctrace;

// The page has these rules in a language of its own; its test reads the same file.
TEST_CASE("numbers and units are written as the vectors have them, here and on the page") {
  std::ifstream file(ZCTRACE_SOURCE_DIR "/tests/golden/units.json");
  const auto vectors = nlohmann::json::parse(file);
  const auto hold = [&](const char* rule, const auto& format) {
    REQUIRE(vectors.at(rule).size() >= 10);
    for (const auto& [number, text] : vectors.at(rule).get<std::vector<std::pair<double, std::string>>>()) {
      CAPTURE(rule);
      CAPTURE(number);
      CHECK(format(number) == text);
    }
  };
  const auto whole = [](double number) { return static_cast<uint64_t>(number); };
  hold("bytes", [&](double number) { return format_bytes(whole(number)); });
  hold("exact", [&](double number) { return format_exact(whole(number)); });
  hold("count", [&](double number) { return format_count(whole(number)); });
  hold("ns", [&](double number) { return format_ns(whole(number)); });
  hold("ratio", [&](double number) { return format_ratio(number); });
}

}  // namespace units_vectors_test
