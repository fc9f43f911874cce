#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/matrix/files.h"
#include "model/matrix/table.h"
#include "viz/page/page.h"
#include "viz/terminal/matrix_table.h"

namespace zctrace::matrix {
namespace {

Result measured(const char* kernel, const char* name, double sender, double receiver) {
  Result result{.cell = *parse_cell(name), .kernel = kernel, .release = std::string(kernel) + ".1-amd64"};
  result.sender = sender;
  result.receiver = receiver;
  result.tone = sender < 0.05 ? summary::Tone::good : summary::Tone::bad;
  result.evidence = timeline::Evidence::exact;
  return result;
}

Result skipped(const char* kernel, const char* name, const char* why) {
  return {.cell = *parse_cell(name), .kernel = kernel, .skipped = why};
}

const std::vector<std::string> kKernels{"5.10", "6.12"};

std::string text(const std::vector<Result>& results, int width = 200) {
  terminal::Style style;
  style.width = width;
  return terminal::matrix_text(table_of(results, kKernels), style);
}

TEST_CASE("matrix: settings that say the same stand in one row, as the span of what they say") {
  const Table table = table_of(
      {measured("6.12", "sendfile.veth.device.cold", 0, 1), measured("6.12", "sendfile.veth.device.warm", 0.001, 1.01),
       measured("6.12", "sendfile.veth.sg=off.cold", 1, 1.49),
       measured("6.12", "sendfile.veth.sg=off.warm", 1.2, 1.49)},
      {"6.12"});
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[0].settings.english == "as it comes");
  CHECK(table.rows[0].values[0].text.english == "<0.01 1.00–1.01");
  CHECK(table.rows[1].settings.english == "sg=off, cold");
  CHECK(table.rows[2].values[0].text.english == "1.20 1.49");
}

TEST_CASE("matrix: kernels that say the same share a line of the terminal's") {
  const std::vector<Result> same{measured("5.10", "tee.pipe.device.cold", 0, 1),
                                 measured("6.12", "tee.pipe.device.cold", 0, 1)};
  CHECK(text(same).find("0.00 1.00  all") != std::string::npos);
  CHECK(text({measured("5.10", "tee.pipe.device.cold", 1, 1.49), measured("6.12", "tee.pipe.device.cold", 1, 1.5)})
            .find("1.00 1.49–1.50  all") != std::string::npos);
  std::vector<Result> other = same;
  other[0].sender = 1;
  CHECK(text(other).find("1.00 1.00  5.10") != std::string::npos);
  CHECK(text(other).find("0.00 1.00  6.12") != std::string::npos);
  CHECK_FALSE(table_of(same, kKernels).rows[0].kernels_differ());
  CHECK(table_of(other, kKernels).rows[0].kernels_differ());
}

TEST_CASE("matrix: what touched the bytes beside copies is marked and told") {
  Result result = measured("6.12", "ktls_send.nic.device.cold", 0, 1);
  result.beside = plain("1.00 transforms per byte");
  const std::string shown = text({result, skipped("5.10", "ktls_send.nic.device.cold", "no TLS")});
  CHECK(shown.find("0.00 1.00 ◈") != std::string::npos);
  CHECK(shown.find("◈ ktls_send: 1.00 transforms per byte\n") != std::string::npos);
  CHECK(shown.find("5.10, ktls_send: no TLS\n") != std::string::npos);
}

TEST_CASE("matrix: what is unknown, weaker, or not agreed on is said") {
  Result weak = measured("6.12", "splice.nic.device.cold", 1, 1),
         odd = measured("5.10", "splice.nic.device.cold", 1, 1);
  weak.evidence = timeline::Evidence::at_least;
  weak.receiver.reset();
  odd.agree = false;
  const std::string shown = text({odd, weak});
  CHECK(shown.find("≥ 1.00 unknown") != std::string::npos);
  CHECK(shown.find("6.12, splice.nic.device.cold: at_least\n") != std::string::npos);
  CHECK(shown.find("5.10, splice.nic.device.cold: the two counts of a copy disagree\n") != std::string::npos);
}

TEST_CASE("matrix: nobody receives what is written to a file") {
  const std::vector<Result> results{measured("6.12", "sendfile.file.device.cold", 1, 0)};
  CHECK(table_of(results, {"6.12"}).rows[0].values[0].text.english == "1.00");
  CHECK(csv_of(results).find(",sendfile,file,\"\",cold,1.000000,,") != std::string::npos);
}

TEST_CASE("matrix: Markdown has a column a kernel, named by its release") {
  Table table = table_of({measured("6.12", "tee.pipe.device.cold", 0, 1)}, kKernels);
  table.measured = "2026-11-26";
  const std::string shown = markdown_of(table, Language::english);
  CHECK(shown.find("| method | path | 5.10 | 6.12.1-amd64 | settings |") != std::string::npos);
  CHECK(shown.find("| tee | pipe |  | 0.00 1.00 | all |") != std::string::npos);
  CHECK(shown.find("2026-11-26") != std::string::npos);
}

TEST_CASE("matrix: lines for a terminal are no wider than it is") {
  std::vector<Result> results;
  for (const char* name : {"tcp_zerocopy_receive.veth.device.cold", "tcp_zerocopy_receive.veth.sg=off.cold",
                           "tcp_zerocopy_receive.veth.tx=off.warm", "tcp_zerocopy_receive.veth.tso=off.warm"})
    results.push_back(measured("6.12", name, 1, 1));
  results.push_back(measured("6.12", "tcp_zerocopy_receive.veth.device.warm", 2, 1));
  const std::string shown = text(results, 80);
  for (size_t begin = 0, end; (end = shown.find('\n', begin)) != shown.npos; begin = end + 1) CHECK(end - begin <= 80);
}

TEST_CASE("the matrix for the browser" * doctest::skip()) {
  const char* path = std::getenv("ZCTRACE_MATRIX");
  REQUIRE(path);
  Result encrypted = measured("6.12", "ktls_send.nic.device.cold", 0, 1);
  encrypted.beside = {"1.00 transforms per byte", "每字节 1.00 次变换"};
  encrypted.tone = summary::Tone::transformed;
  Table table = table_of(
      {measured("5.10", "sendfile.pipe.device.cold", 1, 1), measured("6.12", "sendfile.pipe.device.cold", 0, 1),
       measured("5.10", "sendfile.nic.device.cold", 0, 1), measured("6.12", "sendfile.nic.device.cold", 0, 1),
       skipped("5.10", "ktls_send.nic.device.cold", "no TLS"), encrypted},
      kKernels);
  table.measured = "2026-11-26";
  page::Settings settings{Language::english, "1.2.3", {}};
  settings.matrix = &table;
  std::FILE* file = std::fopen(path, "w");
  REQUIRE(file);
  page::write_page(file, {}, settings);
  std::fclose(file);
}

}  // namespace
}  // namespace zctrace::matrix
