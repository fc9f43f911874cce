#include "viz/diagram/svg.h"

#include <doctest/doctest.h>

namespace svg_test {

using namespace zctrace;
using namespace zctrace::diagram;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string drawn(Theme theme) {
  Options options;
  options.theme = theme;
  Svg svg(options, "<title>", "\x1b[31m & \xff");
  svg.open("class=\"edge\"", "first\nsecond <b>");
  svg.text(1, 2, "</text><script>", "ink");
  svg.close();
  return svg.finish(100);
}

}  // namespace

TEST_CASE("no text becomes markup") {
  CHECK(escape("</text><script>\"'&") == "&lt;/text&gt;&lt;script&gt;&quot;&#39;&amp;");
  CHECK(escape("a\x1b\x01\n") == "a???");
  CHECK(escape("\xff\xef\xbf\xbe零") == "??零");
  const auto svg = drawn(Theme::light);
  CHECK(!contains(svg, "<script"));
  CHECK(!contains(svg, "<b>"));
  CHECK(!contains(svg, "\x1b"));
  CHECK(contains(svg, "<title>first\nsecond &lt;b&gt;</title>"));
}

TEST_CASE("a diagram is an image alone, a group with parts on the page") {
  CHECK(contains(drawn(Theme::light), "role=\"img\""));
  CHECK(contains(drawn(Theme::automatic), "prefers-color-scheme:dark"));
  CHECK(contains(drawn(Theme::page), "role=\"group\""));
  CHECK(!contains(drawn(Theme::page), "role=\"img\""));
}

TEST_CASE("text is cut to its room in px") {
  CHECK(fit("abc", 100, {}) == "abc");
  CHECK(fit("", 0, {}).empty());
  CHECK(fit("abc", 3, {}).empty());
  for (double most = 0; most < 120; most += 7) {
    CHECK(text_width(fit("iov_iter_copy_from_user_atomic", most, {}), {}) <= most);
    CHECK(text_width(fit("零拷贝零拷贝零拷贝零拷贝", most, {}), {}) <= most);
  }
  // Accents on nothing have no width; a name of a million of them has an end.
  std::string accents;
  for (int i = 0; i < 1'000'000; ++i) accents += "\u0301";
  CHECK(fit(accents, 100, {}).size() < 1000);
}

TEST_CASE("text is broken into lines between words, Chinese characters and parts of names") {
  CHECK(wrap("", 100, {}).empty());
  CHECK(wrap("one two three", text_width("one two", {}), {}) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("skb_copy_bits", text_width("skb_copy_", {}), {}) == std::vector<std::string>{"skb_copy_", "bits"});
  CHECK(wrap("零拷贝，零", text_width("零拷贝", {}), {}) == std::vector<std::string>{"零拷", "贝，零"});
  CHECK(wrap("one two three", text_width("one two", {}), {}, 1) == std::vector<std::string>{"one t…"});
  for (const auto& line : wrap(std::string(300, 'x') + " y", 80, {})) CHECK(text_width(line, {}) <= 80);
  CHECK(wrap("xyz", 0, {}).size() == 3);
}

}  // namespace svg_test
