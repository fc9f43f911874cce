#include "base/units.h"

#include <doctest/doctest.h>

#include <cmath>

#include <limits>

#include "base/error.h"

namespace units_test {

using namespace zctrace;
using namespace zctrace;

TEST_CASE("sizes are read as people write them") {
  const std::pair<const char*, uint64_t> sizes[]{{"0", 0},
                                                 {"1", 1},
                                                 {"4096B", 4096},
                                                 {"64KiB", 65536},
                                                 {"64 KiB", 65536},
                                                 {"4K", 4096},
                                                 {"4k", 4096},
                                                 {"4kB", 4000},
                                                 {"4M", 4194304},
                                                 {"4MiB", 4194304},
                                                 {"4MB", 4000000},
                                                 {"1GiB", 1073741824},
                                                 {"1.5MiB", 1572864},
                                                 {"0.5KiB", 512},
                                                 {"1.5MB", 1500000},
                                                 {"15EiB", 15ull << 60},
                                                 {"18446744073709551615", std::numeric_limits<uint64_t>::max()}};
  for (const auto& [text, bytes] : sizes) {
    CAPTURE(text);
    CHECK(parse_size(text) == bytes);
  }
}

TEST_CASE("what is not a size is a usage error of one line") {
  for (std::string text : {"",
                           " ",
                           "-1",
                           "+1",
                           "4QB",
                           "MiB",
                           "4MiBs",
                           "4m",
                           "4Mi",
                           "1.5",
                           "1.3KiB",
                           "1.KiB",
                           "4  KiB",
                           "0x10",
                           "1e3",
                           "16EiB",
                           "18446744073709551616",
                           "99999999999999999999999999999999999999999999",
                           "1,024",
                           "4MiB ",
                           "nan",
                           "1.0000000000000000000000001MiB"}) {
    CAPTURE(text);
    try {
      parse_size(text);
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(error.status == ExitStatus::usage);
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
      CHECK(std::string(error.what()).size() < 120);
    }
  }
}

TEST_CASE("amounts have three digits") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1) == "1 B");
  CHECK(format_bytes(1023) == "1,023 B");
  CHECK(format_bytes(1024) == "1.00 KiB");
  CHECK(format_bytes(65537) == "64.0 KiB");
  CHECK(format_bytes(4194304) == "4.00 MiB");
  CHECK(format_bytes(10 * 1024 * 1024 - 1) == "10.0 MiB");
  CHECK(format_bytes(1023 * 1024) == "1.00 MiB");
  CHECK(format_bytes(1000 * 1024) == "0.98 MiB");
  CHECK(format_bytes(1ull << 30) == "1.00 GiB");
  CHECK(format_bytes(std::numeric_limits<uint64_t>::max()) == "16.0 EiB");
  CHECK(format_exact(65537) == "65,537 B");
  CHECK(format_size(65536) == "64 KiB");
  CHECK(format_size(65537) == "65,537 B");
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1ull << 30) == "1 GiB");
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1024) == "1,024");
  CHECK(format_count(std::numeric_limits<uint64_t>::max()) == "18,446,744,073,709,551,615");
  CHECK(format_ns(812) == "812 ns");
  CHECK(format_ns(1234) == "1.23 µs");
  CHECK(format_ns(45'600'000) == "45.6 ms");
  CHECK(format_ns(7'890'000'000) == "7.89 s");
  CHECK(format_ns(1'234'000'000'000) == "1,234 s");
  CHECK(format_ratio(0) == "0.00");
  CHECK(format_ratio(0.001) == "<0.01");
  CHECK(format_ratio(2) == "2.00");
}

TEST_CASE("the value of an option names the option when it is wrong") {
  CHECK(parse_size_option("64KiB", "--chunk") == 65536);
  for (const char* wrong : {"0", "4QB", "", "-1"}) {
    CAPTURE(wrong);
    try {
      parse_size_option(wrong, "--chunk");
      FAIL("taken");
    } catch (const Error& error) {
      CHECK(error.status == ExitStatus::usage);
      CHECK(std::string(error.what()).starts_with("--chunk: "));
      CHECK(!error.hint.empty());
    }
  }
}

TEST_CASE("an amount of any size becomes a count") {
  CHECK(rounded(0.4) == 0);
  CHECK(rounded(2.5) == 3);
  CHECK(rounded(-3) == 0);
  CHECK(rounded(std::nan("")) == 0);
  CHECK(rounded(1e300) == UINT64_MAX);
  CHECK(rounded(18446744073709549568.0) == 18446744073709549568u);
}

TEST_CASE("a chosen size is read back as it is shown") {
  for (uint64_t bytes : {0ull, 1ull, 1024ull, 65536ull, 4194304ull, 1ull << 30, 3ull << 40})
    CHECK(parse_size(format_size(bytes)) == bytes);
}

}  // namespace units_test
