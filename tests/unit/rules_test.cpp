#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "model/rules/paragraph.h"
#include "model/rules/rules_json.h"

namespace rules_test {

using namespace zctrace;
using namespace zctrace::rules;
using Json = nlohmann::ordered_json;

namespace {

Value number(double number, const char* text) {
  Value value;
  value.number = number;
  value.text = plain(text);
  return value;
}

Value look_up(const std::string& name) {
  static const std::map<std::string, Value> values = [] {
    std::map<std::string, Value> all{{"two", number(2, "2.00")}, {"three", number(3, "3.00")}};
    all["two"].claimed = 4;
    all["two"].agrees = false;
    all["two"].how = {"by hand", "手工"};
    all["ratio"] = number(1.5, "1.50");
    all["ratio"].spread = {0.9, 2.0};
    all["place"].id = "page cache";
    all["place"].text = {"the page cache", "页缓存"};
    all["unknown"] = unknown(plain("nobody looked"));
    return all;
  }();
  return values.at(name);
}

std::optional<bool> holds(const char* condition) { return rules::holds(condition_of(Json::parse(condition)), look_up); }

std::string rendered(const char* paragraph) {
  const auto text = rules::rendered(paragraph_of(Json::parse(paragraph)), look_up);
  return text ? text->english + "|" + text->chinese : "";
}

}  // namespace

TEST_CASE("a claimed value may be off by a tenth, and of 1 for smaller ones") {
  CHECK_FALSE(contradicts(4.39, 4));
  CHECK(contradicts(4.41, 4));
  CHECK_FALSE(contradicts(0.09, 0));
  CHECK(contradicts(0.11, 0));
}

TEST_CASE("conditions compare within the tolerance or exactly") {
  CHECK(holds(R"({"value": "two", "is": 2.1})") == true);
  CHECK(holds(R"({"value": "two", "is_not": 2.1})") == false);
  CHECK(holds(R"({"value": "two", "exactly": 2.1})") == false);
  CHECK(holds(R"({"value": "two", "less": 2.1})") == false);
  CHECK(holds(R"({"value": "two", "below": 2.1})") == true);
  CHECK(holds(R"({"value": "two", "less": "{three}"})") == true);
  CHECK(holds(R"({"value": "three", "more": "{two}"})") == true);
  CHECK(holds(R"({"value": "two", "within": [1, 2]})") == true);
  CHECK(holds(R"({"value": "two", "within": [2.5, 3]})") == false);
  CHECK(holds(R"({"value": "three", "minus": "two", "is": 1})") == true);
}

TEST_CASE("quartiles must lie above or below as a whole") {
  CHECK(holds(R"({"value": "ratio", "above": 1})") == false);
  CHECK(holds(R"({"value": "ratio", "above": 0.5})") == true);
  CHECK(holds(R"({"value": "ratio", "below": 2})") == false);
}

TEST_CASE("what the textbooks claim, and what is no number") {
  CHECK(holds(R"({"value": "two", "agrees": true})") == false);
  CHECK(holds(R"({"value": "two", "agrees": false})") == true);
  CHECK(holds(R"({"value": "two", "less": "{two.claim}"})") == true);
  CHECK(holds(R"({"value": "place", "is": "page cache"})") == true);
  CHECK(holds(R"({"value": "place", "is_not": "page cache"})") == false);
}

TEST_CASE("what is not known neither holds nor fails") {
  for (const char* condition : {R"({"value": "unknown", "is": 0})", R"({"value": "unknown", "is_not": 0})",
                                R"({"value": "three", "agrees": true})", R"({"value": "two", "is": "{unknown}"})",
                                R"({"value": "two", "is": "{three.claim}"})", R"({"value": "two", "is": "page cache"})",
                                R"({"value": "place", "is": 0})", R"({"value": "two", "minus": "unknown", "is": 2})",
                                R"({"value": "unknown", "within": [0, 1]})"})
    CHECK_MESSAGE(holds(condition) == std::nullopt, condition);
}

TEST_CASE("the first variant that fits, and of which all is known, stands") {
  CHECK(rendered(R"([{"when": [{"value": "two", "is": 3}], "en": "three", "zh": "三"},
                     {"when": [{"value": "unknown", "is": 2}], "en": "unknown", "zh": "未知"},
                     {"en": "so {unknown}", "zh": "故 {unknown}"},
                     {"en": ["{two} at", "{place}, {two.how}"], "zh": ["{two} 在", "{place}，{two.how}"]},
                     {"en": "too late", "zh": "太晚"}])") == "2.00 at the page cache, by hand|2.00 在页缓存，手工");
  CHECK(rendered(R"({"en": "they say {two.claim}", "zh": "{two.claim}"})") == "they say 4|4");
  CHECK(rendered(R"({"en": "they say {three.claim}", "zh": ""})").empty());
  CHECK(rendered(R"([])").empty());
}

TEST_CASE("all that a paragraph names is found") {
  CHECK(names(paragraph_of(Json::parse(R"([{"when": [{"value": "a", "minus": "b", "less": "{c.claim}"}],
                                            "en": "{d.how}", "zh": "{e}"}])"))) ==
        std::set<std::string>{"a", "b", "c", "d", "e"});
}

TEST_CASE("rules that are not of the form are refused") {
  for (const char* condition : {R"({"value": "two"})", R"({"is": 2})", R"({"value": "two", "is": 2, "more": 1})",
                                R"({"value": "two", "resembles": 2})", R"({"value": "two", "more": "page cache"})",
                                R"({"value": "two", "is": "{three.colour}"})"})
    CHECK_THROWS_AS_MESSAGE(condition_of(Json::parse(condition)), std::invalid_argument, condition);
  CHECK_THROWS_AS(condition_of(Json::parse(R"({"value": "two", "within": 1})")), Json::exception);
  CHECK_THROWS_AS(paragraph_of(Json::parse(R"({"en": "a", "zh": "b", "verdict": "holds"})")), std::invalid_argument);
  CHECK_THROWS_AS(references("{two"), std::invalid_argument);
}

}  // namespace rules_test
