#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "model/language/texts.h"
#include "workloads/run/registry.h"

namespace texts_test {

using namespace zctrace;

namespace {

constexpr auto kEnglish = Language::english, kChinese = Language::chinese;

std::vector<Text> all_texts() {
  std::vector<Text> texts;
  for (uint16_t i = 0; i < static_cast<uint16_t>(Text::count); ++i) texts.push_back(static_cast<Text>(i));
  return texts;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

bool has_letters(std::string_view words) {
  return std::ranges::any_of(words, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

bool chinese(char32_t character) { return character >= 0x4e00 && character <= 0x9fff; }

}  // namespace

TEST_CASE("a row holds as much in one language as in the other") {
  for (const Text text : all_texts()) {
    CAPTURE(name(text));
    const auto english = words(text, kEnglish), chinese = words(text, kChinese);
    CHECK(english.empty() == chinese.empty());
    for (const auto row : {english, chinese}) {
      // Nothing but {}: no named, numbered or formatted holes.
      CHECK(std::ranges::count(row, '{') == static_cast<std::ptrdiff_t>(count_arguments(row)));
      CHECK(std::ranges::count(row, '}') == static_cast<std::ptrdiff_t>(count_arguments(row)));
    }
  }
}

TEST_CASE("no row was left untranslated") {
  const std::set<std::string_view> same{"linux_on_host",       "dma_moved",        "dma",
                                        "title_read_write",    "title_mmap_write", "compared_sg",
                                        "compared_tso",        "page_cpu",         "title_preadv2_writev",
                                        "title_openssl_write", "title_vmsplice"};
  for (const Text text : all_texts()) {
    if (!has_letters(words(text, kEnglish)) || same.contains(name(text))) continue;
    if (name(text).starts_with("path_") && !name(text).starts_with("path_why_")) continue;  // the kernel's own names
    CAPTURE(name(text));
    CHECK(words(text, kEnglish) != words(text, kChinese));
  }
}

TEST_CASE("Chinese rows are punctuated as Chinese, and have room between the scripts") {
  for (const Text text : all_texts()) {
    CAPTURE(name(text));
    const auto row = characters(words(text, kChinese));
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      const char32_t one = row[i], other = row[i + 1];
      const auto mark = [](char32_t c) {
        return c < 0x80 && contains(",;:!?()", std::string(1, static_cast<char>(c)));
      };
      const auto latin = [](char32_t c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      };
      CHECK(!(chinese(one) && mark(other)));
      CHECK(!(mark(one) && chinese(other)));
      CHECK(!(chinese(one) && latin(other)));
      CHECK(!(latin(one) && chinese(other)));
    }
  }
}

TEST_CASE("the two switches are kept apart") {
  for (const Text text : all_texts()) {
    if (name(text).starts_with("claim_") || name(text).starts_with("remark_")) continue;  // the documents' own word
    CAPTURE(name(text));
    const auto english = words(text, kEnglish), row = words(text, kChinese);
    CHECK((contains(english, "ontext switch") || !contains(row, "上下文切换") || contains(english, "context")));
    CHECK((contains(english, "ode") || contains(english, "MODE") || !contains(row, "模式切换")));
  }
}

TEST_CASE("counts have their singular") {
  CHECK(say_count(kEnglish, 1, Text::one_packet, Text::many_packets) == "1 packet");
  CHECK(say_count(kEnglish, 1024, Text::one_packet, Text::many_packets) == "1,024 packets");
  CHECK(say_count(kEnglish, 0, Text::one_packet, Text::many_packets) == "0 packets");
  CHECK(say_count(kChinese, 1024, Text::one_packet, Text::many_packets) == "1,024 个数据包");
}

TEST_CASE("every method's summary has a translation") {
  for (const auto& method : workloads::methods()) {
    CAPTURE(method.name);
    const auto row = text_named("summary_" + std::string(method.name));
    REQUIRE(row);
    CHECK(words(*row, kEnglish) == method.summary);
  }
}

TEST_CASE("rows are found by their names") {
  for (const Text text : all_texts()) CHECK(text_named(name(text)) == text);
  CHECK(!text_named("no_such_row"));
  CHECK(!text_named(""));
}

TEST_CASE("a row chosen at run time takes as many arguments as it has holes") {
  CHECK(say_chosen(kEnglish, Text::many_packets, 7) == "7 packets");
  CHECK_THROWS_AS(say_chosen(kEnglish, Text::many_packets), std::logic_error);
  CHECK_THROWS_AS(say_chosen(kEnglish, Text::many_packets, 7, 8), std::logic_error);
}

TEST_CASE("languages are named as --lang and locales name them") {
  CHECK(language_named("zh") == kChinese);
  CHECK(language_named("zh_CN.UTF-8") == kChinese);
  CHECK(language_named("zh-Hans") == kChinese);
  CHECK(language_named("en_US.UTF-8") == kEnglish);
  CHECK(!language_named("C.UTF-8"));
  CHECK(!language_named("zhuang"));
  CHECK(!language_named(""));
}

}  // namespace texts_test
