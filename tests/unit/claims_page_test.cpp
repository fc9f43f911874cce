#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "model/language/texts.h"
#include "tests/unit/judgment_samples.h"
#include "viz/page/claims.h"
#include "viz/page/page.h"
#include "viz/terminal/claims_list.h"

namespace claims_page_test {

using namespace zctrace;
namespace fs = std::filesystem;

namespace {

const std::map<std::string, size_t> kRuns{{"read_write", 0}, {"mmap_write", 1}, {"sendfile", 2}};

nlohmann::ordered_json block() { return page::claims(samples::judgments(), kRuns); }

nlohmann::ordered_json claim(const std::string& id) {
  const auto json = block();
  for (const auto& claim : json["claims"])
    if (claim["id"] == id) return claim;
  return nullptr;
}

}  // namespace

TEST_CASE("each claim is on the page once, and named by each document that makes it") {
  const auto json = block();
  CHECK(json["claims"].size() == 6);
  CHECK(json["documents"][0]["id"] == "000");
  CHECK(json["documents"][0]["claims"] == nlohmann::ordered_json{"T1", "M1", "S1", "S4"});
  CHECK(json["documents"][1]["claims"] == nlohmann::ordered_json{"T1", "M1", "S1", "W5"});
  CHECK(json["documents"][1]["title"] == nlohmann::ordered_json{{"en", "Linux zero copy"}, {"zh", "Linux 零拷贝"}});
  CHECK(json["documents"][1]["collected"] == false);
  CHECK(json["documents"][2]["collected"] == true);
}

TEST_CASE("a claim is there in both languages, with its verdict's word and its condition") {
  const auto s1 = claim("S1");
  CHECK(s1["verdict"] == "holds_if");
  CHECK(s1["condition"]["en"] == "scatter-gather is off");
  CHECK(s1["condition"]["zh"] == "分散/聚集关闭");
  CHECK(s1["settings"].size() == 2);
  CHECK(s1["settings"][0]["agrees"] == false);
  CHECK(s1["settings"][1]["agrees"] == true);
  CHECK(s1["settings"][1]["parts"][0]["rule"]["en"] == "1 ± 10 %");
}

TEST_CASE("a claim that no textbook makes says who makes it") {
  CHECK(claim("O2")["sources"] ==
        nlohmann::ordered_json{
            {{"name", "Kernel TLS and sendfile, a blog"}, {"year", 2021}, {"link", "https://example.org/kernel-tls"}}});
  CHECK(claim("T1")["sources"].empty());
  const terminal::Style style{.width = 80};
  auto judgment = samples::judgments().front();
  const auto details = terminal::claims_details(judgment, style);
  CHECK(details.find("textbooks 000 004") != std::string::npos);
  CHECK(details.find("holds") < details.find("What else is said"));
  CHECK(details.find("textbooks 005") == std::string::npos);
  CHECK(details.find("Kernel TLS and sendfile, a blog, 2021") != std::string::npos);
  CHECK(details.find("\n" + std::string(16, ' ') + "https://example.org/kernel-tls\n") != std::string::npos);
}

TEST_CASE("what was not measured exactly is marked once, and what is not known stays empty") {
  CHECK(claim("T1")["measured"]["en"] == "4.01 switches, 2.00 CPU copies");
  CHECK(claim("M1")["measured"]["en"] == "~3.12 switches");
  CHECK(claim("M1")["settings"][0]["parts"][0]["measured"]["zh"] == "~3.12");
  auto judgments = samples::judgments();
  judgments[0].claims[1].measured.english = "~3.12 switches";
  CHECK(page::claims(judgments, kRuns)["claims"][1]["measured"]["en"] == "~3.12 switches");
  const auto unknown = claim("W5")["settings"][0]["parts"][0];
  CHECK(unknown["measured"]["en"] == "");
  CHECK(unknown["agrees"].is_null());
  CHECK(unknown["missing"]["en"] == "no run of that size");
}

TEST_CASE("a proof leads to the run of its experiment; without one on the page there is no link") {
  const auto parts = claim("T1")["settings"][0]["parts"];
  CHECK(parts[0]["links"] == nlohmann::ordered_json{{{"run", 0}, {"edge", "sender/page cache/user buffer/cpu"}}});
  CHECK(claim("S1")["settings"][0]["parts"][0]["links"].size() == 1);  // the same proof twice is one link
  CHECK(claim("W5")["settings"][0]["parts"][0]["links"].empty());
}

TEST_CASE("a document's table keeps what is claimed beside what was measured") {
  const auto table = block()["tables"][0];
  CHECK(table["document"] == "004");
  CHECK(table["columns"].size() == 3);
  const auto row = table["rows"][1];
  CHECK(row["claim"] == "M1");
  CHECK(row["cells"][1]["claimed"]["en"] == "4");
  CHECK(row["cells"][1]["measured"]["en"] == "3.12");
  CHECK(row["cells"][1]["agrees"] == false);
  CHECK(row["cells"][1]["links"][0]["run"] == 1);
  CHECK(row["cells"][2]["measured"]["zh"] == "");
  CHECK(row["cells"][2]["agrees"].is_null());
}

TEST_CASE("every kernel has its say on a claim, or none where it was not judged there") {
  CHECK(block()["kernels"][1]["release"] == "5.10.223");
  const auto m1 = claim("M1");
  CHECK(m1["on"][0]["verdict"] == "does_not_hold");
  CHECK(m1["on"][1]["verdict"] == "holds");
  CHECK(claim("S4")["on"][1].is_null());
}

TEST_CASE("each verdict has a word of its own in both languages, and one for documents") {
  std::set<std::string_view> kinds, seen;
  for (const auto verdict : {claims::Verdict::holds, claims::Verdict::holds_if, claims::Verdict::does_not_hold,
                             claims::Verdict::self_contradictory, claims::Verdict::not_tested}) {
    CHECK(kinds.insert(claims::text(verdict)).second);
    for (const auto language : kLanguages) CHECK(seen.insert(claims::message(verdict, language)).second);
    // The page asks for the words by this name.
    const auto row = "verdict_" + std::string(claims::text(verdict));
    bool found = false;
    for (uint16_t i = 0; i < static_cast<uint16_t>(Text::count) && !found; ++i)
      found = name(static_cast<Text>(i)) == row;
    CHECK(found);
  }
}

/// Not a test: what the browser's tests open. The page of the documents in the folder ZCTRACE_CLAIMS, each an
/// experiment by its name, as claims.html beside them; claims-alone.html has one kernel.
TEST_CASE("the page for the browser" * doctest::skip()) {
  const char* folder = std::getenv("ZCTRACE_CLAIMS");
  REQUIRE(folder);
  std::vector<std::string> files, experiments;
  for (const auto& file : fs::directory_iterator(folder))
    if (file.path().extension() == ".json") files.push_back(file.path());
  std::ranges::sort(files);
  for (const auto& file : files) experiments.push_back(fs::path(file).stem());
  const auto judgments = samples::judgments();
  for (const size_t kernels : {1, 2}) {
    const auto path = fs::path(folder) / (kernels == 1 ? "claims-alone.html" : "claims.html");
    std::FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file);
    page::write_page(file, files, {Language::english, "1.2.3", {}, std::span(judgments).first(kernels), experiments});
    std::fclose(file);
  }
}

}  // namespace claims_page_test
