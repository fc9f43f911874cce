#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/error.h"
#include "model/claims/experiments.h"
#include "model/claims/judge.h"

namespace claim_data_test {

using namespace zctrace;
using namespace zctrace::claims;

TEST_CASE("the data is whole: both languages, the same values in them, experiments that exist") {
  std::set<std::string> textbooks, collected;
  for (const auto& textbook : claim_data().textbooks) (textbook.collected ? collected : textbooks).insert(textbook.id);
  CHECK(textbooks.size() == 5);
  CHECK(collected.size() == 1);
  for (const auto& each : claim_data().claims) {
    CAPTURE(each.id);
    CHECK(!each.textbooks.empty());
    for (const auto& id : each.textbooks) CHECK(textbooks.contains(id) != collected.contains(id));
    CHECK(each.sources.empty() != collected.contains(each.textbooks.front()));
    for (const auto& source : each.sources) {
      CHECK(!source.name.empty());
      CHECK(source.year > 1990);
      CHECK(source.link.starts_with("https://"));
    }
    CHECK(!each.statement.english.empty());
    CHECK(!each.statement.chinese.empty());
    CHECK(each.needs.empty() == (each.settings.size() + each.readings.size() > 0));
    const auto names_in = [](const std::string& text) {
      std::multiset<std::string> names;
      for (const auto& reference : rules::references(text)) names.insert(reference.name);
      return names;
    };
    for (const auto& paragraph : each.why)
      for (const auto& variant : paragraph) CHECK(names_in(variant.text.english) == names_in(variant.text.chinese));
    for (const auto& name : experiments_of(each)) CHECK(find_experiment(name) != nullptr);
  }
  std::set<std::string> ids;
  for (const char* family : {"T1", "M1", "S1", "S2", "S3", "S4", "S5", "P1", "P2", "P3", "P4", "E1", "D1", "D2"})
    ids.insert(family);
  for (int i = 1; i <= 15; ++i) ids.insert("W" + std::to_string(i));
  for (int i = 1; i <= 10; ++i) ids.insert("J" + std::to_string(i));
  for (const char* other : {"L1", "L2", "L3", "L4", "I1", "I2", "O1", "O2", "O3", "O4", "O5"}) ids.insert(other);
  for (const auto& each : claim_data().claims) ids.erase(each.id);
  CHECK(ids.empty());
}

TEST_CASE("data that is not of its form is refused in one line that names the claim") {
  const auto refused = [](const std::string& claims) {
    try {
      parse_claims(R"({"textbooks": [{"id": "000", "en": "a", "zh": "b"},
                                     {"id": "005", "collected": true, "en": "a", "zh": "b"}],
                       "conditions": {}, "tables": [], "claims": [)" +
                   claims + "]}");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string head = R"({"id": "X1", "textbooks": ["000"], "en": "a", "zh": "b", )";
  const auto check = [&](const std::string& rule) { return refused(head + R"("checks": [{"value": )" + rule + "}]}"); };
  CHECK(check(R"("cpu_copies@sendfile", "is": 1)").empty());
  CHECK(check(R"("luck@sendfile", "is": 1)").find("X1: there is no quantity 'luck'") != std::string::npos);
  CHECK(check(R"("cpu_copies@moon", "is": 1)").find("moon") != std::string::npos);
  CHECK(check(R"("cpu_copies", "is": 1)").find("names no experiment") != std::string::npos);
  CHECK(check(R"("visible_bytes@visible/sendfile/twice", "is": 1)").find("twice") != std::string::npos);
  CHECK(check(R"("cpu_copies@sendfile")").find("not whole") != std::string::npos);
  CHECK(check(R"("cpu_copies@sendfile", "about": 1)").find("no relation 'about'") != std::string::npos);
  CHECK(check(R"("cpu_copies@sendfile", "is": 1, "above": 0)").find("two relations") != std::string::npos);
  CHECK(check(R"("cpu_copies@sendfile", "is": "{cpu_copies@splice}")").find("a claimed number") != std::string::npos);
  CHECK(refused(head + R"("checks": []})").find("nothing tests it") != std::string::npos);
  const auto why = [&](const std::string& sentence) {
    return refused(head + R"("checks": [{"value": "cpu_copies@sendfile", "is": 1}], "why": [)" + sentence + "]}");
  };
  CHECK(why(R"({"en": "{cpu_copies@sendfile}", "zh": "{cpu_copies@sendfile}"})").empty());
  CHECK(why(R"({"en": "{cpu_copies@moon}", "zh": "b"})").find("moon") != std::string::npos);
  CHECK(why(R"({"en": "{cpu_copies@sendfile", "zh": "b"})").find("without '}'") != std::string::npos);
  CHECK(why(R"({"when": [{"value": "cpu_copies/sg_off", "agrees": true}], "en": "a", "zh": "b"})")
            .find("no setting 'cpu_copies/sg_off'") != std::string::npos);
  CHECK(refused("{}").find("claim without an id") != std::string::npos);
  const auto said = [&](const std::string& textbook, const std::string& sources) {
    return refused(R"({"id": "X1", "en": "a", "zh": "b", "checks": [{"value": "cpu_copies@sendfile", "is": 1}],
                      "textbooks": [")" +
                   textbook + R"("], "sources": [)" + sources + "]}");
  };
  const std::string source = R"({"name": "n", "year": 2003, "link": "https://example.org/"})";
  CHECK(said("005", source).empty());
  CHECK(said("005", "").find("X1: it has no source") != std::string::npos);
  CHECK(said("000", source).find("its source is the textbook") != std::string::npos);
  CHECK(said("006", "").find("no textbook '006'") != std::string::npos);
  CHECK(said("005", R"({"name": "n", "year": 2003, "link": "javascript:0"})").find("is no link") != std::string::npos);
}

}  // namespace claim_data_test
